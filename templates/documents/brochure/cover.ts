import { heightOf, type TextStyle, write } from './lettering.ts';
import { homesOf, priceRange } from './phrases.ts';
import { COLOR, CONTENT_WIDTH, MARGIN, PAGE, type Sheet } from './sheet.ts';
import { drawDusk } from './skyline.ts';

const PANEL_TOP = 690;
const COLUMN = { x: MARGIN, width: CONTENT_WIDTH } as const;
const DEVELOPER: TextStyle = { face: 'strong', size: 12, color: COLOR.glow, capitals: 2.4, smallest: 7 };
const NAME: TextStyle = {
  face: 'display',
  size: 58,
  color: '#FFFFFF',
  leading: 1.12,
  lines: 3,
  smallest: 26,
};
const TAGLINE: TextStyle = {
  face: 'italic',
  size: 20,
  color: '#F3E3C3',
  leading: 1.35,
  lines: 2,
  smallest: 13,
};

/** The cover: name and tagline over the towers at dusk, then where, which homes and at what price. */
export function drawCover(sheet: Sheet): void {
  const { doc, project } = sheet;
  const nameTop = 94;
  const taglineTop = nameTop + heightOf(doc, project.name, COLUMN.width, NAME) + 10;
  const titleEnd = taglineTop + heightOf(doc, project.tagline, COLUMN.width, TAGLINE);
  drawDusk(doc, { x: 0, y: 0, width: PAGE.width, height: PANEL_TOP }, project.slug, titleEnd + 26);
  const below = write(doc, project.developer, { ...COLUMN, y: 52 }, DEVELOPER);
  doc.rect(MARGIN, below + 8, 44, 1.6).fill(COLOR.glow);
  write(doc, project.name, { ...COLUMN, y: nameTop }, NAME);
  write(doc, project.tagline, { ...COLUMN, y: taglineTop }, TAGLINE);
  drawFacts(sheet);
}

function drawFacts({ doc, project, copy, language }: Sheet): void {
  doc.rect(0, PANEL_TOP, PAGE.width, PAGE.height - PANEL_TOP).fill(COLOR.ivory);
  doc.rect(0, PANEL_TOP, PAGE.width, 3).fill(COLOR.brass);
  const facts = [
    { label: copy.locationLabel, text: `${project.locality}, ${project.city}`, x: 0, width: 168 },
    { label: copy.homesLabel, text: homesOf(project), x: 190, width: 110 },
    { label: copy.priceLabel, text: priceRange(project, language), x: 322, width: CONTENT_WIDTH - 322 },
  ];
  for (const fact of facts) {
    const at = { x: MARGIN + fact.x, width: fact.width };
    const label: TextStyle = { face: 'strong', size: 10, color: COLOR.brass, capitals: 1.4 };
    const below = write(doc, fact.label, { ...at, y: PANEL_TOP + 24 }, label);
    const text: TextStyle = {
      face: 'display',
      size: 17,
      color: COLOR.ink,
      leading: 1.3,
      lines: 2,
      smallest: 10,
    };
    write(doc, fact.text, { ...at, y: below + 4 }, text);
  }
}
