import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * The typefaces of our documents. Each holds Latin, Devanagari and the rupee sign, so that a name in either
 * script can stand in any line. Tiro Devanagari Hindi and Mukta are under the SIL Open Font License.
 */
const FACES = {
  display: () =>
    require.resolve('@expo-google-fonts/tiro-devanagari-hindi/400Regular/TiroDevanagariHindi_400Regular.ttf'),
  italic: () =>
    require.resolve(
      '@expo-google-fonts/tiro-devanagari-hindi/400Regular_Italic/TiroDevanagariHindi_400Regular_Italic.ttf',
    ),
  body: () => require.resolve('@expo-google-fonts/mukta/400Regular/Mukta_400Regular.ttf'),
  strong: () => require.resolve('@expo-google-fonts/mukta/600SemiBold/Mukta_600SemiBold.ttf'),
};

/** A name to hand to `doc.font`, once `registerFaces` has been called on the document. */
export type Face = keyof typeof FACES;

const files = new Map<Face, Buffer>();

/** Makes every face known to a document. Only those that are used are embedded, cut down to the glyphs used. */
export function registerFaces(doc: PDFKit.PDFDocument): void {
  for (const face of Object.keys(FACES) as Face[]) doc.registerFont(face, fontFile(face));
}

function fontFile(face: Face): Buffer {
  const known = files.get(face);
  if (known) return known;
  const file = readFileSync(FACES[face]());
  files.set(face, file);
  return file;
}
