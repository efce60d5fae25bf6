import type { Logger } from 'pino';
import { toString as draw } from 'qrcode';
import type { Pairing, PairingSource } from '../inbox/desk/connect.ts';

export type PairingDisplay = {
  terminal: { readonly isTTY?: boolean; write(text: string): unknown };
  /** The connect page, for who sits at no terminal. */
  pageUrl: string;
  log: Logger;
};

/**
 * Shows at the terminal what it takes to pair a phone: each QR or pairing code once, then once who is paired. Output
 * that is no terminal is kept by somebody: there only the page's address is logged, never a code. Returns how to stop.
 */
export function showPairing(source: PairingSource, display: PairingDisplay): () => void {
  const { terminal, log } = display;
  let shown = '';
  let line = Promise.resolve();
  const show = (pairing: Pairing) => {
    const news = terminal.isTTY ? newsForTerminal(pairing, display) : newsForLog(pairing, display);
    if (!news || news.key === shown) return;
    shown = news.key;
    line = line
      .then(news.tell)
      .catch((error: unknown) => log.error({ err: error }, 'the pairing could not be shown'));
  };
  show(source.pairing());
  return source.onPairing(show);
}

/** What is to be told, under a key that changes with it. */
type News = { key: string; tell: () => void | Promise<void> };

function newsForTerminal(
  { qr, code, ...rest }: Pairing,
  { terminal, pageUrl }: PairingDisplay,
): News | undefined {
  if (code) {
    const letters = code.code.split('').join(' ');
    const words = `\nOn ${code.phone}: WhatsApp > Linked devices > Link a device > Link with phone number instead, then\n\n    ${letters}\n\n`;
    return { key: code.code, tell: () => void terminal.write(words) };
  }
  if (qr) {
    const tell = async () => {
      const drawn = await draw(qr.text, { type: 'terminal', small: true, errorCorrectionLevel: 'L' });
      terminal.write(
        `\nScan with WhatsApp > Linked devices > Link a device, or open ${pageUrl}\n\n${drawn}\n`,
      );
    };
    return { key: qr.text, tell };
  }
  const name = pairedName(rest);
  return name === undefined
    ? undefined
    : { key: `paired ${name}`, tell: () => void terminal.write(`\nWhatsApp is paired as ${name}\n\n`) };
}

function newsForLog(pairing: Pairing, { pageUrl, log }: PairingDisplay): News | undefined {
  if (pairing.health === 'pairing')
    return {
      key: 'pairing',
      tell: () => log.warn(`WhatsApp waits for a phone to be paired: open ${pageUrl}`),
    };
  const name = pairedName(pairing);
  return name === undefined
    ? undefined
    : { key: `paired ${name}`, tell: () => log.info(`WhatsApp is paired as ${name}`) };
}

function pairedName({ health, account }: Pairing): string | undefined {
  return health === 'ready' ? account?.name : undefined;
}
