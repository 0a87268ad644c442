/**
 * A server quotes of a statement that it does not understand what stands around the fault: up to ten tokens before it,
 * behind `(...` if there were more, and the faulty one in brackets, which it sets and cuts as if strings had no quotes.
 *   line 1:40 mismatched input 'foo' expecting EOF (...ROLE x WITH PASSWORD = 'secret' [foo])
 *   line 1:31 mismatched input 'secret' expecting '=' (CREATE ROLE x WITH PASSWORD ['secre]...)
 */

/** PASSWORD with a value behind it; not the word as prose has it: property 'password' … */
const PASSWORD = /\bpassword(?:[\s[\]]*=[\s[\]]*|[\s[\]]+(?=['"]|\$\$)|(?=['"][^\s.,;:)]|\$\$))/i;
/** A value whose name is cut off. */
const NAMELESS = /\(\.{3}[\s=[\]]*(?='|\$\$)/;
/** What stands in quotes, to the text's end if they are not closed. */
const QUOTED = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$\$[^]*?(?:\$\$|$)/;
const ALL_QUOTED = new RegExp(QUOTED, 'g');
const BARE_WORD = /^[^\s'"$()[\]]+/;
const HIDDEN = "'***'";

/** A server's message without the passwords of the statement that it quotes. */
export function shownMessage(message: string): string {
  const password = PASSWORD.exec(message);
  if (password !== null) {
    const at = password.index + password[0].length;
    const value = message.slice(at).replace(BARE_WORD, HIDDEN).replaceAll(ALL_QUOTED, HIDDEN);
    return beforeQuotes(message.slice(0, password.index)) + password[0] + value;
  }
  const nameless = NAMELESS.exec(message);
  if (nameless === null) return message;
  const at = nameless.index + nameless[0].length;
  return message.slice(0, at) + message.slice(at).replace(QUOTED, HIDDEN);
}

/** The server names the faulty token first, which may be the password, with any quotes of its own. */
function beforeQuotes(text: string): string {
  const at = text.indexOf("'");
  return at < 0 ? text : `${text.slice(0, at)}${HIDDEN} … `;
}
