/** Whether a unit, as on the door, stands in a tower: `B-1204` in `b`. Without a tower every unit does. */
export function isInTower(unit: string, tower: string | undefined): boolean {
  return tower === undefined || unit.toUpperCase().startsWith(`${tower.toUpperCase()}-`);
}
