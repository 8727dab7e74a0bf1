/** The page's side of the control API. */

/**
 * @typedef {{ id: string, name: string, real_name: string, tz: string, locale: string,
 *   is_bot: boolean, in_app: boolean, profile: { display_name: string } }} User
 * @typedef {{ id: string, name?: string, kind: "public" | "private" | "im", user?: string,
 *   topic?: { value: string }, bot: boolean, may_type: boolean, is_archived?: boolean }} Channel
 * @typedef {{ command: string, description?: string, usage_hint?: string }} Command
 * @typedef {{ name: string, type: "global" | "message", callback_id: string,
 *   description?: string }} Shortcut
 * @typedef {{ team: string, you: string, users: User[], channels: Channel[], places: Channel[],
 *   commands: Command[], shortcuts: Shortcut[], home_tab: boolean }} Workspace
 * @typedef {Record<string, any>} Block
 * @typedef {{ ts: string, user: string, text: string, blocks?: Block[], channel: string,
 *   ephemeral: boolean, reply_broadcast: boolean, thread_ts?: string, reply_count?: number,
 *   latest_reply?: string, edited?: { ts: string }, app_id?: string }} Message
 * @typedef {Record<string, any> & { id: string, title: { text: string }, blocks: Block[],
 *   hash: string }} View
 * @typedef {{ error: string | null, errors?: Record<string, string> }} Outcome
 */

/**
 * @param {string} path
 * @param {Record<string, string>} query
 * @returns {Promise<any>}
 */
async function get(path, query) {
  const response = await fetch(`/control/${path}?${new URLSearchParams(query)}`);
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

/**
 * Do something as a person. Never throws: what went wrong is in `error`.
 *
 * @param {string} path
 * @param {Record<string, unknown>} ask
 * @returns {Promise<Outcome>}
 */
export async function act(path, ask) {
  try {
    const response = await fetch(`/control/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(ask),
    });
    return { error: null, ...(await response.json()) };
  } catch {
    return { error: "not_connected" };
  }
}

/**
 * @param {string} user
 * @returns {Promise<Workspace>}
 */
export function workspace(user) {
  return get("workspace", { user });
}

/**
 * What a person sees in a channel, as of a revision of the workspace.
 *
 * @param {string} user
 * @param {string} channel
 * @returns {Promise<{ messages: Message[], revision: number }>}
 */
export function messages(user, channel) {
  return get("messages", { user, channel });
}

/**
 * The modal that a person has open with what is filled in, and their Home tab.
 *
 * @param {string} user
 * @returns {Promise<{ view: View | null, filled: Record<string, any>, home: View | null }>}
 */
export function view(user) {
  return get("view", { user });
}

/**
 * Hear of every change. `connected` is told when changes begin to come, and when no more do.
 *
 * @param {(event: { kind: string, channel?: string, user?: string }) => void} changed
 * @param {(now: boolean) => void} connected
 */
export function listen(changed, connected) {
  const source = new EventSource("/control/stream");
  source.onmessage = (event) => changed(JSON.parse(event.data));
  source.onerror = () => connected(false);
  source.onopen = () => connected(true);
}
