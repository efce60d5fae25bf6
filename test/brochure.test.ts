import { describe, expect, it } from '@jest/globals';
import { renderBrochure } from '../templates/documents/brochure.ts';
import { type Project, projectSchema } from '../templates/documents/project.ts';
import { allText, leavesThePage, overlaps, type ReadPdf, readPdf, textOf } from './pdf.ts';

const LANGUAGES = ['en', 'hi', 'hinglish'] as const;
const ISSUED_ON = new Date('2026-11-22T06:00:00Z');

describe('the brochure', () => {
  it.each(LANGUAGES)('is a light PDF with its fonts inside (%s)', async (language) => {
    const pdf = await renderBrochure(demoProject(), { language, issuedOn: ISSUED_ON });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.length).toBeLessThan(200_000);
    const { pages, embeddedFonts, missingGlyphs } = readPdf(pdf);
    expect(pages).toHaveLength(6);
    expect(embeddedFonts.some((name) => name.includes('Mukta-Regular'))).toBe(true);
    expect(embeddedFonts.some((name) => name.includes('TiroDevaHindi-Regular'))).toBe(true);
    expect(missingGlyphs).toBe(0);
  });

  it.each(LANGUAGES)('carries the RERA number and website on every page (%s)', async (language) => {
    const { pages } = await read(demoProject(), language);
    for (const runs of pages) {
      expect(textOf(runs)).toContain('UPRERAPRJ000000');
      expect(textOf(runs)).toContain('www.up-rera.in');
    }
  });

  it('says what the project says, with exact prices and both units of area', async () => {
    const text = allText(await read(demoProject(), 'en'));
    for (const fact of [
      'Greenfield Heights',
      'MERIDIAN HOMES',
      '₹92.5 lakh – ₹2.38 Cr',
      '₹92,50,000 – ₹99,80,000',
      '₹2,10,00,000 – ₹2,38,00,000',
      '1,645',
      '152.83',
      '12 amenities',
      'Children’s play area',
      'Riverside School',
      '8.5 km',
      'December 2029, as declared to the',
      '10 am to 6 pm · Closed on',
      'Ananya Rao',
      'Issued on 22 November 2026.',
      'subject to the agreement for sale',
      'section 2(k)',
    ]) {
      expect(text).toContain(fact);
    }
  });

  it('opens the map and the website of the authority', async () => {
    const project = demoProject();
    expect((await read(project, 'en')).links).toEqual([project.mapUrl, 'https://www.up-rera.in']);
  });

  it('speaks Hindi in Devanagari and Hinglish in Latin letters', async () => {
    const hindi = allText(await read(demoProject(), 'hi'));
    for (const words of ['घर और मूल्य', 'आस-पास', '₹92.5 लाख', '₹2.38 करोड़', 'जॉ', '0.9'])
      expect(hindi).toContain(words);
    expect(hindi).not.toMatch(/Amenities|Swimming|Carpet/);
    const hinglish = allText(await read(demoProject(), 'hinglish'));
    expect(hinglish).toContain('Yahan har area carpet area hai.');
    expect(hinglish).not.toMatch(/\p{Script=Devanagari}/u);
  });

  it('is the same to the byte for the same input, and dated by its issue', async () => {
    const render = (issuedOn: Date): Promise<Buffer> =>
      renderBrochure(demoProject(), { language: 'hi', issuedOn });
    const first = await render(ISSUED_ON);
    expect((await render(ISSUED_ON)).equals(first)).toBe(true);
    // Created and modified.
    expect(first.toString('latin1').match(/\(D:20261122060000Z\)/g)).toHaveLength(2);
    expect((await render(new Date('2026-12-01T06:00:00Z'))).equals(first)).toBe(false);
  });
});

describe('the layout', () => {
  it.each([
    ['the demo project', demoProject, 6],
    ['the longest names and lists', extremeProject, 6],
    ['the least there can be', smallestProject, 5],
    ['words that cannot be broken', unbreakableProject, 6],
    ['names in Devanagari', devanagariProject, 6],
  ] as const)('keeps %s on the page, with nothing over anything', async (_, project, pageCount) => {
    for (const language of LANGUAGES) {
      const pdf = await renderBrochure(project(), { language, issuedOn: ISSUED_ON });
      const { pages, missingGlyphs } = readPdf(pdf);
      expect(pages).toHaveLength(pageCount);
      expect(pdf.length).toBeLessThan(400_000);
      expect(missingGlyphs).toBe(0);
      for (const runs of pages) {
        expect(runs.filter(leavesThePage)).toEqual([]);
        expect(overlaps(runs)).toEqual([]);
      }
    }
  });

  it('never shortens the registration number', async () => {
    const project = extremeProject();
    for (const runs of (await read(project, 'en')).pages) {
      for (const number of project.reraNumber.split(', ')) expect(textOf(runs)).toContain(number);
    }
  });

  it('leaves out emoji, which the typefaces do not have', async () => {
    const project = { ...demoProject(), amenities: ['🏊 Rooftop pool', 'Café ☕️'] };
    const brochure = await read(project, 'en');
    expect(brochure.missingGlyphs).toBe(0);
    expect(allText(brochure)).toContain('Rooftop pool');
  });
});

async function read(project: Project, language: (typeof LANGUAGES)[number]): Promise<ReadPdf> {
  return readPdf(await renderBrochure(project, { language, issuedOn: ISSUED_ON }));
}

function demoProject(): Project {
  return projectSchema.parse({
    slug: 'greenfield-heights',
    name: 'Greenfield Heights',
    developer: 'Meridian Homes',
    tagline: 'Quiet mornings beside the green belt.',
    reraNumber: 'UPRERAPRJ000000',
    reraWebsite: 'www.up-rera.in',
    city: 'Noida',
    locality: 'Sector 150',
    address: 'Plot GH-00, Sector 150, Noida, Uttar Pradesh 201310',
    mapUrl: 'https://maps.example.com/?q=28.42,77.48',
    possession: 'December 2029',
    configurations: [
      configuration('2BHK', 780, 92_50_000, 99_80_000),
      configuration('3BHK', 1120, 1_34_00_000, 1_49_50_000),
      configuration('4BHK', 1645, 2_10_00_000, 2_38_00_000),
    ],
    amenities: [
      'Swimming pool',
      'Clubhouse',
      'Gymnasium',
      'Landscaped gardens',
      'Children’s play area',
      'Jogging track',
      'Badminton court',
      'Yoga deck',
      'Library',
      'Multipurpose hall',
      'EV charging',
      '24x7 security',
    ],
    landmarks: [
      { name: 'Sector 148 Metro Station', distanceKm: 2.1, bearingDeg: 312 },
      { name: 'Noida–Greater Noida Expressway', distanceKm: 1.2, bearingDeg: 20 },
      { name: 'Lakeside Park', distanceKm: 0.9, bearingDeg: 95 },
      { name: 'Riverside School', distanceKm: 1.6, bearingDeg: 230 },
      { name: 'City Care Hospital', distanceKm: 4.8, bearingDeg: 160 },
      { name: 'Market Square', distanceKm: 8.5, bearingDeg: 120 },
    ],
    associate: { name: 'Ananya Rao' },
    visits: { fromHour: 10, toHour: 18, slotMinutes: 60, capacity: 3, closedWeekdays: [2] },
  });
}

function configuration(
  name: string,
  carpetAreaSqFt: number,
  fromRupees: number,
  toRupees: number,
): Project['configurations'][number] {
  return { name, carpetAreaSqFt, priceFromPaise: fromRupees * 100, priceToPaise: toRupees * 100 };
}

/** As much as the schema allows, everywhere, with five landmarks in the very same place. */
function extremeProject(): Project {
  return {
    ...demoProject(),
    name: 'The Magnificent Residences at Greenfield Heights Phase II (Towers Asha, Bela, Chandni and Dhara)',
    developer: 'Meridian Homes and Infrastructure Developers Private Limited',
    tagline:
      'A very long line that nobody could bring themselves to shorten although everyone was asked to do so more than once.',
    reraNumber: [0, 1, 2, 3, 4].map((index) => `PRM/KA/RERA/1251/446/PR/000000/00000${index}`).join(', '),
    reraWebsite: 'https://rera.karnataka.gov.in/projectViewDetails',
    city: 'Bengaluru Urban',
    locality: 'Sarjapur–Marathahalli Outer Ring Road Extension',
    address:
      'Survey Nos. 112/1, 112/2, 113/4A and 113/4B, Kasavanahalli Village, Varthur Hobli, Bengaluru East Taluk, Karnataka 560035',
    possession: 'Phase A: December 2028; Phase B: June 2030; Phase C: as declared for each tower',
    configurations: ['1BHK', '2BHK', '3BHK', '3BHK', '4BHK', '5BHK'].map((name, index) =>
      configuration(
        name,
        410 + index * 900,
        45_00_000 + index * 9_00_00_000,
        59_99_999 + index * 12_34_56_789,
      ),
    ),
    amenities: Array.from(
      { length: 24 },
      (_, index) => `Amenity ${index} with an unusually long description of it`,
    ),
    landmarks: Array.from({ length: 12 }, (_, index) => ({
      name: `Landmark ${index} International School and Convention Centre`,
      distanceKm: index < 5 ? 0.4 : index * 3.7,
      bearingDeg: index < 5 ? 180 : index * 31,
    })),
    associate: { name: 'Venkatanarasimharajuvaripeta Subramaniam Krishnamurthy' },
    visits: { ...demoProject().visits, fromHour: 0, toHour: 24, closedWeekdays: [1, 2, 3, 4, 5, 6, 7] },
  };
}

function smallestProject(): Project {
  const demo = demoProject();
  const configurations = demo.configurations
    .slice(0, 1)
    .map((each) => ({ ...each, priceToPaise: each.priceFromPaise }));
  const visits = { ...demo.visits, closedWeekdays: [] };
  return {
    ...demo,
    name: 'Om',
    tagline: 'Home.',
    configurations,
    amenities: ['Helipad'],
    landmarks: [],
    visits,
  };
}

function unbreakableProject(): Project {
  const word = 'Greenfieldheightsmeridianhomes'.repeat(4);
  const demo = demoProject();
  return {
    ...demo,
    name: word,
    developer: word,
    tagline: word,
    city: word,
    locality: word,
    address: word,
    possession: word,
    amenities: [word, word],
    landmarks: [
      { name: word, distanceKm: 18_000, bearingDeg: -90 },
      { name: word, distanceKm: 0.05, bearingDeg: 725 },
    ],
    associate: { name: word },
  };
}

function devanagariProject(): Project {
  return {
    ...demoProject(),
    name: 'हरित क्षेत्र हाइट्स',
    developer: 'मेरिडियन होम्स',
    tagline: 'हरियाली के पास, सुकून भरी सुबह।',
    city: 'नोएडा',
    locality: 'सेक्टर 150',
    address: 'प्लॉट जीएच-00, सेक्टर 150, नोएडा, उत्तर प्रदेश 201310',
    possession: 'दिसंबर 2029',
    amenities: ['स्विमिंग पूल', 'योग स्थल'],
    associate: { name: 'अनन्या राव' },
  };
}
