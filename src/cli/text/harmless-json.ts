/** The same JSON without the controls that it may hold as they are (delete, and U+0080 to U+009F): terminals obey them. */
export function harmlessJson(json: string): string {
  return json.replace(/[\x7f-\x9f]/g, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
