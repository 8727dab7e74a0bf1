/** What is spoken to the reader of this page, and how. */

import { formats } from "./format.js";
import { speak, WORDS } from "./words.js";

export const { lang, locale } = speak(navigator.languages);
export const words = WORDS[lang];
export const format = formats(locale);
