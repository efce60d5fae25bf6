import { describe, expect, it } from '@jest/globals';
import { type VisitEntry, visitCalendar } from '../templates/documents/visitCalendar.ts';

const ENTRY: VisitEntry = {
  uid: 'sandbox/b1:3:0',
  sequence: 0,
  at: new Date('2026-11-25T05:30:00Z'),
  minutes: 60,
  isCancelled: false,
  project: 'Greenfield Heights',
  developer: 'Meridian Homes',
  address: 'Plot 7, Sector 150, Noida',
  mapUrl: 'https://maps.google.com/?q=Sector+150+Noida',
  associate: 'Riya Malhotra',
  language: 'en',
  stampedAt: new Date('2026-11-23T04:30:12.345Z'),
};

/** The lines as a reader of the format sees them, continuations joined. */
function unfolded(text: string): string[] {
  return text.replaceAll('\r\n ', '').split('\r\n').slice(0, -1);
}

function property(text: string, name: string): string | undefined {
  return unfolded(text).find((line) => line.startsWith(`${name}:`));
}

describe('the calendar file of a visit', () => {
  it('is one event in UTC with an alarm two hours before', () => {
    const lines = unfolded(visitCalendar(ENTRY));
    expect(lines.map((line) => line.replace(/^UID:[0-9a-f]{32}@/, 'UID:<id>@'))).toEqual([
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Baton//Visits//EN',
      'CALSCALE:GREGORIAN',
      'METHOD:PUBLISH',
      'BEGIN:VEVENT',
      'UID:<id>@baton',
      'SEQUENCE:0',
      'DTSTAMP:20261123T043012Z',
      'DTSTART:20261125T053000Z',
      'DTEND:20261125T063000Z',
      'STATUS:CONFIRMED',
      'SUMMARY:Visit: Greenfield Heights',
      'LOCATION:Greenfield Heights\\, Plot 7\\, Sector 150\\, Noida',
      'DESCRIPTION:Riya Malhotra will meet you.\\nMap: https://maps.google.com/?q=Sector+150+Noida',
      'URL:https://maps.google.com/?q=Sector+150+Noida',
      'ORGANIZER;CN="Meridian Homes":invalid:nomail',
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      'TRIGGER:-PT2H',
      'DESCRIPTION:Visit: Greenfield Heights',
      'END:VALARM',
      'END:VEVENT',
      'END:VCALENDAR',
    ]);
  });

  it('ends every line with CRLF, and folds at 75 octets without cutting a letter', () => {
    const project = 'ग्रीनफ़ील्ड हाइट्स '.repeat(8).trim();
    const text = visitCalendar({ ...ENTRY, language: 'hi', project, associate: '🙂'.repeat(60) });
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    for (const line of text.split('\r\n')) {
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
      expect(Buffer.from(line).toString()).toBe(line);
    }
    expect(property(text, 'SUMMARY')).toBe(`SUMMARY:विज़िट: ${project}`);
    expect(property(text, 'DESCRIPTION')).toContain('🙂'.repeat(60));
  });

  it('lets no text break out of its property', () => {
    const text = visitCalendar({
      ...ENTRY,
      project: 'A;B,C\\D\r\nEND:VEVENT\nX:1\u0007',
      developer: 'Say "hi"\r\nATTENDEE:x',
    });
    expect(property(text, 'SUMMARY')).toBe('SUMMARY:Visit: A\\;B\\,C\\\\D\\nEND:VEVENT\\nX:1');
    expect(unfolded(text)).toContain(`ORGANIZER;CN="Say 'hi' ATTENDEE:x":invalid:nomail`);
    expect(unfolded(text).filter((line) => line === 'END:VEVENT')).toHaveLength(1);
  });

  it('keeps its uid when the visit is moved, and does not tell what we call it', () => {
    const moved = visitCalendar({ ...ENTRY, sequence: 2, at: new Date('2026-11-26T05:30:00Z') });
    expect(property(moved, 'UID')).toBe(property(visitCalendar(ENTRY), 'UID'));
    expect(property(moved, 'SEQUENCE')).toBe('SEQUENCE:2');
    expect(property(visitCalendar({ ...ENTRY, uid: 'another' }), 'UID')).not.toBe(property(moved, 'UID'));
    expect(moved).not.toContain('sandbox');
  });

  it('takes a cancelled visit out again', () => {
    const text = visitCalendar({ ...ENTRY, sequence: 1, isCancelled: true });
    expect([property(text, 'METHOD'), property(text, 'STATUS')]).toEqual([
      'METHOD:CANCEL',
      'STATUS:CANCELLED',
    ]);
    expect(text).not.toContain('VALARM');
  });
});
