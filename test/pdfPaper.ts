import PDFDocument from 'pdfkit';

let made = 0;

/** A small PDF with something drawn on it, each time another one. */
export function pdf(): Promise<Buffer> {
  made += 1;
  return new Promise((resolve) => {
    const document = new PDFDocument();
    const pieces: Buffer[] = [];
    document.on('data', (piece) => pieces.push(piece));
    document.on('end', () => resolve(Buffer.concat(pieces)));
    document.rect(50, 50, 200 + made, 100).fill('#333');
    document.end();
  });
}
