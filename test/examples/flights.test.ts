import { fartherThan, featuresLine, Flights, hubClosed, labelledCsv, later, oneIn } from '../../bin/story/flights';

const day = (text: string): Date => new Date(`${text}T00:00:00Z`);

describe('the real flights', () => {
  let flights: Flights;
  beforeAll(async () => { flights = await Flights.load({ until: day('2001-02-20') }); });

  test('a one-in-eight sample of February is about 2,000 a day', () => {
    const week = flights.during(day('2001-02-05'), day('2001-02-12'), oneIn(8));
    expect(week.length / 7).toBeGreaterThan(1_900);
    expect(week.length / 7).toBeLessThan(2_200);
    expect(new Set(week.map((flight) => flight.weekday)).size).toBe(7);
  });

  test('a sample does not depend on how it is read', () => {
    const whole = flights.during(day('2001-02-05'), day('2001-02-06'), oneIn(8));
    const noon = new Date('2001-02-05T12:17:00Z');
    const parts = [...flights.during(day('2001-02-05'), noon, oneIn(8)), ...flights.during(noon, day('2001-02-06'), oneIn(8))];
    expect(parts).toEqual(whole);
  });

  test('flights over 1,500 miles are about 1,800 a day', () => {
    const far = flights.during(day('2001-02-15'), day('2001-02-16'), fartherThan(1500));
    expect(far.length).toBeGreaterThan(1_600);
    expect(far.length).toBeLessThan(2_000);
    expect(Math.min(...far.map((flight) => flight.distance))).toBeGreaterThan(1500);
  });

  test('a closed hub has no flights', () => {
    const open = flights.during(day('2001-02-15'), day('2001-02-16'), oneIn(8));
    const closed = flights.during(day('2001-02-15'), day('2001-02-16'), hubClosed('ORD', oneIn(8)));
    expect(closed).toEqual(open.filter((flight) => flight.origin !== 'ORD' && flight.destination !== 'ORD'));
    expect(closed.length).toBeLessThan(open.length);
  });

  test('later moves hour, weekday and departure together', () => {
    const [real] = flights.during(new Date('2001-02-18T23:00:00Z'), day('2001-02-19'), oneIn(8));
    const [moved] = flights.during(new Date('2001-02-19T01:00:00Z'), new Date('2001-02-19T02:00:00Z'), later(120, oneIn(8)));
    expect(real).toMatchObject({ hour: 23, weekday: 7 });
    expect(moved).toEqual({ ...real, hour: 1, weekday: 1, departure: new Date(real!.departure.getTime() + 2 * 3_600_000) });
  });

  test('files and requests list the features in the same order', () => {
    const [flight] = flights.during(day('2001-02-05'), day('2001-02-06'), oneIn(8));
    const [header, row] = labelledCsv([flight!]).split('\n');
    expect(header).toBe('departure,late,hour,weekday,distance,origin,destination');
    expect(row).toBe(`${flight!.departure.toISOString()},${flight!.late ? 1 : 0},${featuresLine(flight!)}`);
  });
});
