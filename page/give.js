/** The ways to give the page files: drop, folders too, click, paste and keyboard. */

import { part } from "./dom.js";

/**
 * @param {() => boolean} open  whether files may be given now
 * @param {(over: boolean) => void} hold  told whether files are held over the page, and welcome
 * @param {(files: File[]) => void} take
 * @param {(entries: (FileSystemEntry | null)[]) => Promise<File[]>} unpack  the files of folders
 */
export function listen(open, hold, take, unpack) {
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
      unpack(folders).then(take, () => take([]));
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
