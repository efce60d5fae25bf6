import type { Unit } from '../../models/unit.ts';
import { DEMO_PROJECT } from '../demo.ts';

type NewUnit = Omit<Unit, '_id' | 'status' | 'hold' | 'booking'>;

const TOWERS = ['A', 'B', 'C'];
const FLOORS = 10;
/** One door of each size on a floor. */
const DOORS = DEMO_PROJECT.configurations;

/** The ninety homes of the demo project: three towers, ten floors, three doors on each. */
export const UNITS: readonly NewUnit[] = TOWERS.flatMap((tower) =>
  Array.from({ length: FLOORS }, (_, index) => index + 1).flatMap((floor) =>
    DOORS.map(({ name, carpetAreaSqFt }, door) => ({
      project: DEMO_PROJECT.slug,
      tower,
      floor,
      number: `${tower}-${floor}0${door + 1}`,
      unitType: name,
      carpetAreaSqFt,
    })),
  ),
);
