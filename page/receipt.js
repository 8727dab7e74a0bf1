/**
 * What this browser remembers of an upload that succeeded, so that a reload still shows it.
 * Kept under the object's path; the signed URL is never stored. Where a browser allows no
 * storage, it just forgets.
 */

/**
 * @typedef {object} Receipt
 * @property {string} name
 * @property {number} size  in bytes
 * @property {number} at  ms since 1970
 */

/**
 * @param {() => Storage} storage  reading `localStorage` itself may throw
 * @param {string} path
 * @param {Receipt} receipt
 */
export function keep(storage, path, receipt) {
  try {
    storage().setItem(path, JSON.stringify(receipt));
  } catch {
    // Full or forbidden. The upload has succeeded all the same.
  }
}

/**
 * @param {() => Storage} storage
 * @param {string} path
 * @returns {Receipt | null}
 */
export function recall(storage, path) {
  try {
    const { name, size, at } = JSON.parse(storage().getItem(path) ?? "");
    return size >= 0 && at > 0 ? { name: String(name), size, at } : null;
  } catch {
    return null;
  }
}
