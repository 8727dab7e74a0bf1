/** The page itself: the only module that touches the DOM. */

import { formats } from "./format.js";
import { plain, readLink } from "./link.js";
import { LARGEST } from "./policy.js";
import { keep, recall } from "./receipt.js";
import { ourTime, probe, readable, send, sleep } from "./transport.js";
import { expired, Upload } from "./upload.js";
import { fill, speak, WORDS } from "./words.js";

const { lang, locale } = speak(navigator.languages);
const words = WORDS[lang];
const format = formats(locale);
const prefix = document.querySelector("meta[name=upload-prefix]")?.getAttribute("content") ?? "";
const link = readLink(location.href, prefix);
const plan = typeof link === "string" ? null : link;
const storage = () => localStorage;

/** Failures after which the same file may be sent again, and those that need another file. */
const AGAIN = ["blocked", "lost", "busy", "moved", "unknown"];
const OTHER = ["tooMany", "folder", "tooLarge", "unreadable", "cancelled"];

/** What any sentence may mention. */
const known = {
  who: plan?.requester ? text(words.named, { who: plan.requester }) : words.sender,
  limit: format.bytes(LARGEST),
  title: plan?.title ?? "",
  time: plan ? format.time(plan.ends) : "",
};

/** @type {File | undefined} */
let file;
let quarter = 0;
let ticking = 0;

const upload =
  plan &&
  new Upload(
    plan,
    {
      send,
      probe,
      ourTime,
      readable,
      sleep,
      online: () => navigator.onLine,
      now: Date.now,
      random: Math.random,
    },
    show,
  );
