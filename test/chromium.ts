import { findChromium } from '../bot/channels/web/browser.ts';

/**
 * The browser to test with. A machine without one leaves `what` out, and says so loudly; where changes are checked
 * (CI) it may not be missing, and this throws.
 */
export function chromiumFor(what: string): string | undefined {
  try {
    return findChromium(process.env.CHROMIUM_PATH);
  } catch (error) {
    if (process.env.CI) throw error;
    process.stderr.write(`\nNOT TESTED HERE: ${what}. ${error instanceof Error ? error.message : ''}\n\n`);
    return undefined;
  }
}
