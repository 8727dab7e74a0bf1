/** Folders that were dropped, as the files in them. */

/** What systems leave in folders without anyone's asking. */
const LEFT_BEHIND = /^(\.DS_Store|Thumbs\.db|desktop\.ini)$/;

/**
 * All files of folders and of those in them.
 *
 * @param {(FileSystemEntry | null)[]} entries
 */
export async function unpack(entries) {
  return (await Promise.all(entries.map(walk))).flat();
}

/**
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
