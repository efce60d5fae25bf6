import { formatInr, formatInrShort } from '../../money.ts';
import type { Project } from '../project.ts';
import type { Language } from './copy.ts';

const NO_BREAK_SPACE = '\u00a0';
const SQUARE_METRES_PER_SQUARE_FOOT = 0.09290304;

/** The kinds of home on offer, fewest bedrooms first: `2, 3 & 4 BHK`. */
export function homesOf(project: Project): string {
  const bedrooms = [...new Set(project.configurations.map((each) => Number.parseInt(each.name, 10)))].sort();
  const last = bedrooms.pop();
  return together(bedrooms.length > 0 ? `${bedrooms.join(', ')} & ${last} BHK` : `${last} BHK`);
}

/** From the lowest to the highest price of the project, rounded as people say it. */
export function priceRange(project: Project, language: Language): string {
  const lowest = Math.min(...project.configurations.map((each) => each.priceFromPaise));
  const highest = Math.max(...project.configurations.map((each) => each.priceToPaise));
  return range(together(formatInrShort(lowest, language)), together(formatInrShort(highest, language)));
}

/** The exact prices of one kind of home: `₹85,00,000 – ₹92,50,000`. */
export function exactPrices(configuration: Project['configurations'][number]): string {
  return range(formatInr(configuration.priceFromPaise), formatInr(configuration.priceToPaise));
}

/** The smallest and largest carpet area in square feet, without the unit: `640 – 1,450`. */
export function areaRange(project: Project): string {
  const areas = project.configurations.map((each) => each.carpetAreaSqFt);
  return range(squareFeet(Math.min(...areas)), squareFeet(Math.max(...areas)));
}

/** `1,245` */
export function squareFeet(areaSqFt: number): string {
  return areaSqFt.toLocaleString('en-IN');
}

/** `115.66`, from square feet. */
export function squareMetres(areaSqFt: number): string {
  return squareMetresIn(areaSqFt).toLocaleString('en-IN', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
}

/** Square metres in so many square feet. */
export function squareMetresIn(areaSqFt: number): number {
  return areaSqFt * SQUARE_METRES_PER_SQUARE_FOOT;
}

/** `1.2 km`, `14 km`. */
export function kilometres(distanceKm: number, unit: string): string {
  return together(`${distanceKm.toLocaleString('en-IN', { maximumFractionDigits: 1 })} ${unit}`);
}

function range(from: string, to: string): string {
  return from === to ? from : `${from}${NO_BREAK_SPACE}– ${to}`;
}

function together(words: string): string {
  return words.replaceAll(' ', NO_BREAK_SPACE);
}
