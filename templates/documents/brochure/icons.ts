import { COLOR } from './sheet.ts';

/** Line drawings on a 24 × 24 grid, as SVG paths, each with the words that call for it. The first match wins. */
const ICONS: readonly { words: RegExp; path: string }[] = [
  {
    words: /pool|swim|jacuzzi|aqua/i,
    path: 'M8 15V5a2 2 0 0 1 4 0M16 15V5a2 2 0 0 1 4 0M8 8h8M8 12h8M2 18c2-1.6 3.3-1.6 5 0s3.3 1.6 5 0 3.3-1.6 5 0 3.3 1.6 5 0M2 22c2-1.6 3.3-1.6 5 0s3.3 1.6 5 0 3.3-1.6 5 0 3.3 1.6 5 0',
  },
  { words: /gym|fitness|workout/i, path: 'M8 12h8M6 6v12M3 9v6M18 6v12M21 9v6' },
  {
    words: /yoga|meditat|zen/i,
    path: 'M12 3a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4M12 9v6M12 9c-3 1-4.5 4-7 6.5M12 9c3 1 4.5 4 7 6.5M12 15c-4 0-7 2-8 5h16c-1-3-4-5-8-5',
  },
  {
    words: /kid|child|play|toddler|cr[eè]che/i,
    path: 'M5 21 9 3h6l4 18M7 12h0M11 3v9M14 3v9M9.5 12h6v3h-6z',
  },
  {
    words: /jog|running|walk|track|cycl/i,
    path: 'M8 6h8a6 6 0 0 1 0 12H8A6 6 0 0 1 8 6zM8 10h8a2 2 0 0 1 0 4H8a2 2 0 0 1 0-4zM12 6v4M12 14v4',
  },
  {
    words: /badminton|tennis|squash|racquet/i,
    path: 'M14.5 3a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM10.600 12.400 3 21M11 5l7 7M9.5 8.5l5.5 5.5M14.5 3l5.5 5.5',
  },
  {
    words: /basketball|volleyball|football|sport|cricket|multi-?play/i,
    path: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM3 12h18M12 3v18M5.600 5.600c4 4 4 8.800 0 12.800M18.400 5.600c-4 4-4 8.800 0 12.800',
  },
  { words: /club|lounge|residents/i, path: 'M3 10 12 4l9 6M5 10v10M19 10v10M9.5 10v10M14.5 10v10M3 20h18' },
  {
    words: /banquet|party|hall|celebrat|event/i,
    path: 'M2.5 20h19M4.5 20V10L12 4l7.5 6v10M9.5 20v-5a2.5 2.5 0 0 1 5 0v5',
  },
  {
    words: /library|read|study/i,
    path: 'M12 6c-2-2-5-2-9-2v14c4 0 7 0 9 2 2-2 5-2 9-2V4c-4 0-7 0-9 2zM12 6v14',
  },
  { words: /work|business|office|conference/i, path: 'M4 5h16v11H4zM2 20h20M9 16l-.5 4M15 16l.5 4' },
  { words: /theat|cinema|movie|screen/i, path: 'M3 5h18v12H3zM10 8.5v5l4.5-2.5zM8 21h8' },
  {
    words: /caf[eé]|coffee|restaurant|dining|barbe|food/i,
    path: 'M4 9h13v6a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5zM17 11h1.5a2.5 2.5 0 0 1 0 5H17M8 3v3M12 3v3',
  },
  {
    words: /ev |electric|charg/i,
    path: 'M4 21V5a2 2 0 0 1 2-2h6a2 2 0 0 1 2 2v16M2.5 21h13M9.5 7 7 12h4l-2.5 5M14 11h2a2 2 0 0 1 2 2v3a1.5 1.5 0 0 0 3 0V8l-3-3',
  },
  { words: /parking|garage/i, path: 'M4 3h16v18H4zM9 17V7h4a3 3 0 0 1 0 6H9' },
  {
    words: /secur|cctv|guard|gated|surveil/i,
    path: 'M12 3 4 6v6c0 5 3.5 8 8 9.5 4.5-1.5 8-4.5 8-9.5V6zM8.5 12l2.5 2.5 4.5-5',
  },
  { words: /power|backup|generator/i, path: 'M13 2 4 14h7l-1 8 9-12h-7z' },
  {
    words: /solar|sun/i,
    path: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2',
  },
  {
    words: /rain|water|harvest|sewage/i,
    path: 'M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11zM9 14.5a3 3 0 0 0 3 3',
  },
  {
    words: /lift|elevator/i,
    path: 'M5 3h14v18H5zM12 3v18M8.5 8v6M7 9.5 8.5 8 10 9.5M15.5 10v6M14 14.5l1.5 1.5 1.5-1.5',
  },
  {
    words: /wi-?fi|internet|broadband|fib/i,
    path: 'M3 9c5-5 13-5 18 0M6 12.5c3.5-3.5 8.5-3.5 12 0M9 16c2-2 4-2 6 0M12 19.5h0',
  },
  {
    words: /temple|mandir|prayer|pooja|puja/i,
    path: 'M12 2v3M12 5c-3 2-4 4-4 7h8c0-3-1-5-4-7zM5 12h14M6 12v9M18 12v9M3 21h18M10 21v-5h4v5',
  },
  {
    words: /spa|sauna|steam|salon/i,
    path: 'M12 20c-5 0-8-3-9-8 4 0 7 2 9 5 2-3 5-5 9-5-1 5-4 8-9 8zM12 17c-2-4-2-9 0-13 2 4 2 9 0 13',
  },
  {
    words: /pet|dog/i,
    path: 'M12 12c3 0 5 3 5 5.5S15 20 12 20s-5 0-5-2.5S9 12 12 12zM5 8.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3M9.3 4a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3M14.7 4a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3M19 8.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3',
  },
  { words: /senior|elder|bench|seating|gazebo/i, path: 'M4 9h16v4H4zM5 13v7M19 13v7M3 16h18M6 9V6M18 9V6' },
  { words: /medical|clinic|doctor|health|pharma|ambulance/i, path: 'M4 4h16v16H4zM12 8v8M8 12h8' },
  { words: /shop|store|retail|mart|market/i, path: 'M5 8h14l1 13H4zM9 11V7a3 3 0 0 1 6 0v4' },
  { words: /amphi|stage/i, path: 'M3 20c0-12 18-12 18 0M7 20c0-6.5 10-6.5 10 0M10.5 20c0-2 3-2 3 0M2 20h20' },
  {
    words: /game|carrom|billiard|chess|snooker/i,
    path: 'M4 4h16v16H4zM8.5 8.5h0M15.5 8.5h0M12 12h0M8.5 15.5h0M15.5 15.5h0',
  },
  {
    words: /garden|park|lawn|landscap|green|tree|forest|court ?yard|deck|terrace/i,
    path: 'M12 21v-9M12 15l3-3M12 3c4 1 6 4 6 7 0 4-3 5.5-6 5.5S6 14 6 10c0-3 2-6 6-7zM7 21h10',
  },
];

/** Draws what stands for an amenity, centred on x, y: its line drawing if we have one, otherwise a small diamond. */
export function drawIcon(
  doc: PDFKit.PDFDocument,
  amenity: string,
  at: { x: number; y: number; size: number },
): void {
  const icon = ICONS.find(({ words }) => words.test(amenity));
  if (!icon) {
    const half = at.size / 5;
    doc
      .polygon([at.x, at.y - half], [at.x + half, at.y], [at.x, at.y + half], [at.x - half, at.y])
      .fill(COLOR.brass);
    return;
  }
  doc.save();
  doc.translate(at.x - at.size / 2, at.y - at.size / 2).scale(at.size / 24);
  doc.path(icon.path).lineWidth(1.5).lineCap('round').lineJoin('round').stroke(COLOR.pine);
  doc.restore();
}
