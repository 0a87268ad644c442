/** The pages below docs/reference/, made from the source. */

import { API_ENTRIES, apiPage, apiPageName } from './reference/api-page.js';
import { errorsPage } from './reference/errors-page.js';
import { eventsPage } from './reference/events-page.js';
import { metricsPage } from './reference/metrics-page.js';
import { optionsPage } from './reference/options-page.js';
import { REFERENCE } from './pages.js';

/** Text by path below the project's folder. */
export function referencePages(): Map<string, string> {
  return new Map([
    [`${REFERENCE}options.md`, optionsPage()],
    [`${REFERENCE}errors.md`, errorsPage()],
    [`${REFERENCE}events.md`, eventsPage()],
    [`${REFERENCE}metrics.md`, metricsPage()],
    ...API_ENTRIES.map((entry) => [`${REFERENCE}api/${apiPageName(entry)}.md`, apiPage(entry)] as const),
  ]);
}
