/** Who looks where, and what the stand-in last told of it. */

/** @typedef {import("./api.js").Channel} Channel */
/** @typedef {import("./api.js").Message} Message */

export const state = {
  /** @type {import("./api.js").Workspace} */
  workspace: /** @type {any} */ (null),
  /** @type {Message[]} */
  seen: [],
  who: "ann",
  where: "",
  /** Which tab of the app; of no meaning elsewhere. */
  tab: "messages",
  /** @type {string | null} */
  thread: null,
  /** @type {Set<string>} */
  unread: new Set(),
};

/** @returns {Channel} */
export function here() {
  const { channels } = state.workspace;
  const channel = channels.find(({ id }) => id === state.where) ?? channels[0];
  if (!channel) throw new Error("This person is in no channel.");
  return channel;
}

/** @returns {import("./api.js").User} */
export function viewer() {
  const you = state.workspace.users.find(({ id }) => id === state.workspace.you);
  if (!you) throw new Error("The workspace does not know you.");
  return you;
}

/** @returns {import("./mrkdwn.js").Reader} */
export function reader() {
  const { users, channels } = state.workspace;
  const user = (/** @type {string} */ id) =>
    users.find((known) => known.id === id)?.profile.display_name ?? id;
  const channel = (/** @type {string} */ id) =>
    channels.find((known) => known.id === id)?.name ?? "private-channel";
  return { viewer: viewer(), user, channel };
}

/**
 * Whether this is the conversation with an app that has a Home tab.
 *
 * @param {Channel} channel
 * @returns {boolean}
 */
export function hasHome(channel) {
  const app = state.workspace.users.find((user) => user.in_app)?.id;
  return state.workspace.home_tab && channel.kind === "im" && channel.user === app;
}
