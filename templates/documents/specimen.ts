import PDFDocument from 'pdfkit';
import { collect } from './collect.ts';

/** A paper of `kind` (`power_of_attorney`) of an invented person, as PDF: it says that it is a specimen, and shows no number. */
export async function specimen(kind: string, name: string): Promise<Buffer> {
  const document = new PDFDocument({ size: 'A5', info: { Title: 'Specimen' } });
  const bytes = collect(document);
  document.fontSize(20).text('SPECIMEN', { align: 'center' }).moveDown();
  document.fontSize(14).text(kind.replaceAll('_', ' ').toUpperCase(), { align: 'center' }).moveDown();
  document.fontSize(12).text(`of ${name}, who was invented for the demonstration of Baton.`);
  document.end();
  return bytes;
}
