import { Html } from './html.ts';

/** Line drawings of 24 points, in the colour of the text around them. They say nothing that the words do not. */
const PATHS = {
  mark: 'M4 20V9l8-5 8 5v11M9 20v-6h6v6',
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  papers: 'M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5',
  pay: 'M7 5h10M7 9h10M7 5c6 0 6 8 0 8h-.5L14 20',
  visits: 'M5 6h14v14H5zM5 10h14M9 3v4M15 3v4',
  history: 'M12 8v4l3 2M4.5 12a7.5 7.5 0 1 0 2.4-5.5L4 9M4 4.5V9h4.5',
  tick: 'M5 12.5l4.5 4.5L19 7.5',
  info: 'M12 11v6M12 7.5v.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  lock: 'M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3',
  again: 'M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5',
  clock: 'M12 7v5l3.5 2M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
  map: 'M12 21c-4-4.5-6.5-7.6-6.5-11a6.5 6.5 0 0 1 13 0c0 3.4-2.5 6.5-6.5 11zM12 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z',
} as const;

export type Icon = keyof typeof PATHS;

/** The drawing of this name, hidden from screen readers. */
export function icon(name: Icon): Html {
  return new Html(
    `<svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false"><path d="${PATHS[name]}"/></svg>`,
  );
}
