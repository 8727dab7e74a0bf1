/** The ways to give the page files: drop, folders too, click, paste and keyboard. */

import { part } from "./dom.js";

/** What systems leave in folders without anyone's asking. */
const LEFT_BEHIND = /^(\.DS_Store|Thumbs\.db|desktop\.ini)$/;

/**
 * @param {() => boolean} open  whether files may be given now
 * @param {(over: boolean) => void} hold  told whether files are held over the page, and welcome
 * @param {(files: File[]) => void} take
 */
export function listen(open, hold, take) {
  const input = /** @type {HTMLInputElement} */ (part("file"));
  addEventListener("dragover", (event) => {
    // Without this the browser would leave the page and show the file.
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = open() ? "copy" : "none";
    hold(open());
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) hold(false);
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    hold(false);
    const { items = [], files = [] } = event.dataTransfer ?? {};
    // Asked for now, as the list is empty once this handler has returned.
    const folders = [...items].map((item) => item.webkitGetAsEntry());
    if (!open()) return;
    if (folders.some((entry) => entry?.isDirectory)) {
      Promise.all(folders.map(walk)).then(
        (all) => take(all.flat()),
        () => take([]),
      );
    } else if (files.length) take([...files]);
  });
  addEventListener("paste", ({ clipboardData }) => {
    if (open() && clipboardData?.files.length) take([...clipboardData.files]);
  });
  input.onchange = () => {
    take([...(input.files ?? [])]);
    // So that the same file can be chosen again.
    input.value = "";
  };
}

/**
 * All files of a folder and of those in it.
 *
 * @param {any} entry  a FileSystemEntry, or null
 * @returns {Promise<File[]>}
 */
async function walk(entry) {
  if (!entry) return [];
  if (entry.isFile) {
    const file = new Promise((found, lost) => entry.file(found, lost));
    return LEFT_BEHIND.test(entry.name) ? [] : [await file];
  }
  const reader = entry.createReader();
  const files = [];
  for (;;) {
    // A part of them at a time; none once all were given.
    const some = await new Promise((found, lost) => reader.readEntries(found, lost));
    if (!some.length) return files;
    for (const inner of some) files.push(...(await walk(inner)));
  }
}
