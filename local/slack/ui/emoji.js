/** The few emoji shortcodes that an app about files uses; others stay as they are written. */

/** @type {Record<string, string>} */
const EMOJI = {
  alarm_clock: "⏰",
  arrow_down: "⬇️",
  bell: "🔔",
  calendar: "📅",
  file_folder: "📁",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  inbox_tray: "📥",
  information_source: "ℹ️",
  link: "🔗",
  lock: "🔒",
  mag: "🔍",
  no_entry: "⛔",
  outbox_tray: "📤",
  package: "📦",
  page_facing_up: "📄",
  paperclip: "📎",
  robot_face: "🤖",
  sparkles: "✨",
  tada: "🎉",
  warning: "⚠️",
  wave: "👋",
  white_check_mark: "✅",
  wastebasket: "🗑️",
  x: "❌",
};

/**
 * @param {string} name
 * @returns {string}
 */
export function emoji(name) {
  return EMOJI[name] ?? `:${name}:`;
}
