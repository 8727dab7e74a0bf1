/**
 * All that the page says. `{slots}` are filled with values that are shown apart from the
 * sentence around them, since a stranger may have chosen them.
 */

const en = {
  send: "Send a file",
  sendTo: "Send a file to {who}",
  wanted: "Please send: {title}",
  asks: "{who} asks for: {title}",
  until: "Open until {time} (your time)",
  closed: "It was open until {time} (your time)",
  drop: "Drop your file here",
  release: "Let go to send it",
  choose: "Choose a file",
  hint: "You can also paste it. One file, up to {limit}.",
  sender: "whoever sent you the link",
  named: "{who}",

  checking: "Getting ready…",
  started: "Sending {name}",
  pace: "{loaded} of {total}",
  left: "{loaded} of {total} · {speed} · {time} left",
  storing: "All sent. Waiting for the confirmation…",
  milestone: "{percent} sent",
  offline: "You are offline. The upload will start again by itself once you are back.",
  lost: "The connection was lost. Trying again in {time}.",
  busy: "The storage is busy. Trying again in {time}.",
  now: "Try now",
  cancel: "Cancel",
  cancelled: "Cancelled. You can choose a file again.",
  sending: "{percent} – {what}",

  done: "Your file has arrived",
  close: "You can close this page.",
  name: "File",
  size: "Size",
  at: "Arrived",
  for: "For",
  to: "Asked by",
  again: "Try again",
  other: "Choose another file",
  answer: "The storage said: {code}",

  failures: {
    noLink: [
      "There is no upload link here",
      "Only a part of a link’s address was opened.",
      "Open the link again, exactly as you got it.",
    ],
    damaged: [
      "This link is damaged",
      "Part of it is missing or changed, as happens when a long link is copied.",
      "Copy the whole link again, or ask {who} for a new one.",
    ],
    foreign: [
      "This link does not lead to us",
      "It would send your file somewhere else, so nothing was read or sent.",
      "Do not use it. Ask the person it came from whether they sent it.",
    ],
    expired: ["This link has expired", "It takes no more files.", "Ask {who} for a new link."],
    taken: [
      "This link has already been used",
      "A file has arrived through it, and a link takes only one.",
      "If you have another file to send, ask {who} for a new link.",
    ],
    tooMany: [
      "This link takes one file",
      "You chose several, and none was sent.",
      "Pack them into one ZIP file and send that.",
    ],
    folder: [
      "This link takes a file, not a folder",
      "Nothing was sent.",
      "Pack the folder into one ZIP file and send that.",
    ],
    tooLarge: [
      "This file is too large",
      "A link takes up to {limit}, and nothing was sent.",
      "Compress the file or split it, or agree on another way with {who}.",
    ],
    unreadable: [
      "The file cannot be read",
      "It was moved, changed or locked after you chose it.",
      "Save it, close it in other programs, and choose it again.",
    ],
    blocked: [
      "Something blocks the way to the storage",
      "This page can be reached, but the storage cannot. Often a company network, a VPN or a browser extension is in the way.",
      "Try another network or browser, or tell {who} that uploads are blocked (CORS or a network policy).",
    ],
    lost: [
      "The connection keeps breaking",
      "The file never got through.",
      "Move to a steadier network, then try again.",
    ],
    busy: [
      "The storage is still busy",
      "It asks to come back later.",
      "Wait a few minutes, then try again.",
    ],
    refused: [
      "The storage refused the file",
      "Its rules do not let this link in.",
      "Tell {who}: the link’s permissions must be looked at.",
    ],
    moved: [
      "The storage cannot be reached here yet",
      "A new storage can take hours to be known everywhere.",
      "Try again later. If it lasts, tell {who}.",
    ],
    unknown: [
      "The storage gave an answer we do not know",
      "The file has not been confirmed.",
      "Try again. If it stays like this, tell {who} what you see here.",
    ],
  },
};

/** @type {typeof en} */
const ja = {
  send: "ファイルを送る",
  sendTo: "{who}さんにファイルを送る",
  wanted: "お送りください：{title}",
  asks: "{who}さんからの依頼：{title}",
  until: "受付期限：{time}（お使いの端末の時刻）",
  closed: "受付は {time}（お使いの端末の時刻）に終了しました",
  drop: "ここにファイルをドロップ",
  release: "放すと送信します",
  choose: "ファイルを選択",
  hint: "貼り付けもできます。1 ファイル、{limit} まで。",
  sender: "リンクの送り主",
  named: "{who}さん",

  checking: "準備しています…",
  started: "{name} を送信しています",
  pace: "{loaded} / {total}",
  left: "{loaded} / {total} · {speed} · 残り {time}",
  storing: "送信が終わりました。確認を待っています…",
  milestone: "{percent} 送信しました",
  offline: "オフラインです。接続が戻ると、自動で送信をやり直します。",
  lost: "接続が切れました。{time}後にやり直します。",
  busy: "保存先が混み合っています。{time}後にやり直します。",
  now: "今すぐやり直す",
  cancel: "キャンセル",
  cancelled: "キャンセルしました。もう一度ファイルを選択できます。",
  sending: "{percent} – {what}",

  done: "ファイルが届きました",
  close: "このページは閉じてもかまいません。",
  name: "ファイル",
  size: "サイズ",
  at: "受付日時",
  for: "用件",
  to: "依頼者",
  again: "もう一度試す",
  other: "別のファイルを選択",
  answer: "保存先の応答：{code}",

  failures: {
    noLink: [
      "アップロード用のリンクではありません",
      "リンクの一部しか開かれていません。",
      "受け取ったリンクを、そのままもう一度開いてください。",
    ],
    damaged: [
      "リンクが壊れています",
      "一部が欠けているか、変わっています。長いリンクをコピーするとよく起こります。",
      "リンク全体をもう一度コピーするか、{who}に新しいリンクを頼んでください。",
    ],
    foreign: [
      "当方のリンクではありません",
      "送り先が当方の保存先ではないため、ファイルの読み取りも送信もしていません。",
      "このリンクは使わず、送ったかどうかを相手に確かめてください。",
    ],
    expired: [
      "リンクの期限が切れています",
      "もうファイルを受け付けていません。",
      "{who}に新しいリンクを頼んでください。",
    ],
    taken: [
      "このリンクは使用済みです",
      "すでにファイルが届いています。1 つのリンクで送れるのは 1 ファイルです。",
      "ほかにも送るファイルがあるときは、{who}に新しいリンクを頼んでください。",
    ],
    tooMany: [
      "送れるのは 1 ファイルです",
      "複数のファイルが選ばれたため、何も送信していません。",
      "1 つの ZIP ファイルにまとめて送ってください。",
    ],
    folder: [
      "フォルダーは送れません",
      "何も送信していません。",
      "フォルダーを 1 つの ZIP ファイルにまとめて送ってください。",
    ],
    tooLarge: [
      "ファイルが大きすぎます",
      "送れるのは {limit} までです。何も送信していません。",
      "圧縮または分割するか、{who}と別の方法を相談してください。",
    ],
    unreadable: [
      "ファイルを読み取れません",
      "選択したあとに移動、変更、またはロックされました。",
      "ファイルを保存し、ほかのアプリで閉じてから、もう一度選択してください。",
    ],
    blocked: [
      "保存先への通信が遮断されています",
      "このページには接続できますが、保存先には接続できません。多くは社内ネットワーク、VPN、ブラウザーの拡張機能が原因です。",
      "別のネットワークかブラウザーで試すか、アップロードが遮断されている（CORS またはネットワークの制限）と{who}に伝えてください。",
    ],
    lost: [
      "接続が何度も切れています",
      "ファイルは届いていません。",
      "より安定したネットワークで、もう一度お試しください。",
    ],
    busy: [
      "保存先がまだ混み合っています",
      "時間をおくように求められています。",
      "数分待ってから、もう一度お試しください。",
    ],
    refused: [
      "保存先に拒否されました",
      "保存先の設定で、このリンクは許可されていません。",
      "リンクの権限を確認するよう、{who}に伝えてください。",
    ],
    moved: [
      "保存先にまだ接続できません",
      "新しい保存先は、使えるようになるまで数時間かかることがあります。",
      "しばらくしてからお試しください。続くときは{who}に伝えてください。",
    ],
    unknown: [
      "保存先から想定外の応答がありました",
      "ファイルが届いたことを確認できていません。",
      "もう一度お試しください。続くときは、この画面の内容を{who}に伝えてください。",
    ],
  },
};

export const WORDS = { en, ja };

/** @typedef {typeof en} Words */

/**
 * The first of a reader's languages that we speak, and how they want numbers and dates in it.
 *
 * @param {readonly string[]} languages  BCP 47 tags, best first
 * @returns {{ lang: "en" | "ja", locale: string }}
 */
export function speak(languages) {
  for (const locale of languages) {
    const lang = /^(en|ja)\b/i.exec(locale)?.[1]?.toLowerCase();
    if (lang === "en" || lang === "ja") return { lang, locale };
  }
  return { lang: "en", locale: "en" };
}

/**
 * A sentence in pieces: words of ours, and values in between that are `apart`.
 *
 * @param {string} sentence
 * @param {Record<string, string>} values
 */
export function fill(sentence, values) {
  return sentence
    .split(/(\{\w+\})/)
    .filter(Boolean)
    .map((piece) => {
      const value = piece.startsWith("{") ? values[piece.slice(1, -1)] : undefined;
      return { text: value ?? piece, apart: value !== undefined };
    });
}
