/** A file sent without a browser. Pure. */

/**
 * A line for a POSIX shell that sends the file named in its first words.
 *
 * @param {import("./plan.js").Slot} slot
 */
export function curlLine({ put, once }) {
  const quoted = (/** @type {string} */ text) => `'${text.replaceAll("'", "'\\''")}'`;
  const condition = once ? " -H 'If-None-Match: *'" : "";
  const name = `-H "Content-Disposition: attachment; filename=\\"$f\\""`;
  return `f='report.pdf'; curl -f -T "$f"${condition} ${name} ${quoted(put)}`;
}
