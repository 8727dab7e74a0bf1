/**
 * What this browser remembers of what was delivered through a link, so that opening it again
 * still shows it. Neither a signed URL nor the link itself is ever stored. Where a browser
 * allows no storage, it just forgets.
 */

/**
 * @typedef {object} Delivered
 * @property {string} mark  that the file carries
 * @property {string} name
 * @property {number} size  in bytes
 * @property {number} at  ms since 1970
 * @property {string} [crc]  CRC64NVME of what S3 stored, in base64
 * @property {string} [sha]  SHA-256 of what was sent, in hex
 */

/**
 * @typedef {object} Receipt
 * @property {string} title
 * @property {string} requester
 * @property {string} reference
 * @property {Delivered[]} files
 */

/**
 * @param {() => Storage} storage  reading `localStorage` itself may throw
 * @param {string} name
 * @param {unknown} value
 */
export function keep(storage, name, value) {
  try {
    storage().setItem(name, JSON.stringify(value));
  } catch {
    // Full or forbidden. The upload has succeeded all the same.
  }
}

/**
 * @param {() => Storage} storage
 * @param {string} name
 * @returns {any} null if nothing was kept
 */
export function recall(storage, name) {
  try {
    return JSON.parse(storage().getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/**
 * What was recalled, if it can be a receipt.
 *
 * @param {any} found
 * @returns {Receipt | null}
 */
export function readReceipt(found) {
  const files = found?.files;
  const whole = (/** @type {any} */ file) =>
    typeof file?.name === "string" && file.size >= 0 && file.at > 0;
  return Array.isArray(files) && files.length && files.every(whole) ? found : null;
}

/**
 * The receipt with a file more, or with more about a file.
 *
 * @param {Receipt | null} receipt
 * @param {{ title?: string, requester?: string, reference?: string }} link  as far as it is known
 * @param {Delivered} file
 * @returns {Receipt}
 */
export function withFile(receipt, { title = "", requester = "", reference = "" }, file) {
  const others = receipt?.files.filter(({ mark }) => mark !== file.mark) ?? [];
  return { title, requester, reference, files: [...others, file] };
}
