/** How elements reach the app: from messages, from modals, from the Home tab. */

import { act } from "./api.js";
import { nameOf, signOf } from "./sidebar.js";

/** @typedef {Record<string, any>} Json */
/** @typedef {import("./api.js").Workspace} Workspace */
/** @typedef {import("./elements.js").Hands} Hands */

/**
 * @param {Workspace} workspace
 * @param {string} current the conversation that the person looks at
 * @returns {Hands}
 */
export function bareHands(workspace, current) {
  const app = workspace.users.find((user) => user.in_app)?.id;
  const viewer = workspace.users.find(({ id }) => id === workspace.you);
  return {
    people: workspace.users
      .filter((user) => !user.is_bot)
      .map(({ id, real_name }) => ({ id, name: real_name })),
    places: workspace.places.map((place) => ({
      id: place.id,
      name: `${signOf(place)}${nameOf(place, workspace)}`,
      kind: place.kind,
      app: place.user === app,
    })),
    viewer: viewer ?? { tz: "Etc/UTC" },
    current,
    use: async () => null,
  };
}

/**
 * @param {Hands} hands
 * @param {string} user
 * @param {import("./api.js").Message} message
 * @returns {Hands}
 */
export function inMessage(hands, user, message) {
  return {
    ...hands,
    use: async (element, block, chosen) => {
      const { action_id, value } = element;
      const ask = { user, channel: message.channel, ts: message.ts, action_id, value, chosen };
      return (await act("click", { ...ask, block_id: block.block_id })).error;
    },
  };
}

/**
 * @param {Hands} hands
 * @param {string} user
 * @param {"modal" | "home"} place
 * @param {Map<string, () => Json>} values where elements leave what they hold
 * @returns {Hands}
 */
export function inView(hands, user, place, values) {
  return {
    ...hands,
    values,
    use: async (element, block, chosen) => {
      const ask = { user, in: place, action_id: element.action_id, value: element.value };
      const state = stateOf(values);
      return (await act("click", { ...ask, block_id: block.block_id, chosen, state })).error;
    },
  };
}

/**
 * `state.values` of a view, as Slack sends it.
 *
 * @param {Map<string, () => Json>} values
 * @returns {Json}
 */
export function stateOf(values) {
  /** @type {Record<string, Json>} */
  const state = {};
  for (const [key, read] of values) {
    const [block, action, type] = /** @type {[string, string, string]} */ (JSON.parse(key));
    state[block] = { ...state[block], [action]: { type, ...read() } };
  }
  return state;
}
