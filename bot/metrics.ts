import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Team } from '../flows/types.ts';
import type { ModelCall } from './understand/modelServer.ts';

/** What `/metrics` tells Prometheus; one registry per running process of the product. */
export class Metrics {
  readonly registry = new Registry();
  private readonly inbound = new Counter({
    name: 'baton_inbound_messages_total',
    help: 'Messages received, by whether they were new or repeated deliveries',
    labelNames: ['kind'],
    registers: [this.registry],
  });
  private readonly rejected = new Counter({
    name: 'baton_rejected_payloads_total',
    help: 'Authentic webhook parts that were kept but not understood, by reason',
    labelNames: ['reason'],
    registers: [this.registry],
  });
  private readonly sends = new Counter({
    name: 'baton_sends_total',
    help: 'Attempts to send, by outcome',
    labelNames: ['outcome'],
    registers: [this.registry],
  });
  private readonly sendDelay = new Histogram({
    name: 'baton_send_delay_seconds',
    help: 'Time from a decision to the channel taking its message',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
    registers: [this.registry],
  });

  private readonly holding = new Gauge({
    name: 'baton_channel_held',
    help: '1 while messages wait for a WhatsApp transport that is down',
    labelNames: ['channel'],
    registers: [this.registry],
  });

  private readonly media = new Counter({
    name: 'baton_media_total',
    help: "Attempts to fetch buyers' files, by outcome",
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  private readonly modelCalls = new Histogram({
    name: 'baton_openai_seconds',
    help: 'Time that a model took to say what a message means, retry included, by outcome',
    labelNames: ['outcome'],
    buckets: [0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 4],
    registers: [this.registry],
  });
  private readonly modelTokens = new Counter({
    name: 'baton_openai_tokens_total',
    help: 'What is paid for at the model: tokens of prompts, those of them that were cached, and of answers',
    labelNames: ['kind'],
    registers: [this.registry],
  });

  private readonly transcriptions = new Histogram({
    name: 'baton_openai_transcription_seconds',
    help: 'Time that a model took to write down a voice note, retry included, by outcome',
    labelNames: ['outcome'],
    buckets: [0.5, 1, 2, 3, 4, 6, 8, 10, 15],
    registers: [this.registry],
  });
  private readonly transcriptionTokens = new Counter({
    name: 'baton_openai_transcription_tokens_total',
    help: 'What is paid for at the model that hears voice notes: tokens of sound, and of words',
    labelNames: ['kind'],
    registers: [this.registry],
  });

  private readonly breaches = new Counter({
    name: 'baton_case_breaches_total',
    help: 'Cases that nobody answered in time, by team',
    labelNames: ['team'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  stored(isNew: boolean): void {
    this.inbound.inc({ kind: isNew ? 'new' : 'repeated' });
  }

  fetched(outcome: string): void {
    this.media.inc({ outcome });
  }

  asked({ outcome, tookMs, tokens }: ModelCall): void {
    this.modelCalls.observe({ outcome }, tookMs / 1_000);
    if (!tokens) return;
    for (const kind of ['prompt', 'cached', 'completion'] as const)
      this.modelTokens.inc({ kind }, tokens[kind]);
  }

  transcribed({ outcome, tookMs, tokens }: ModelCall): void {
    this.transcriptions.observe({ outcome }, tookMs / 1_000);
    if (!tokens) return;
    for (const kind of ['prompt', 'completion'] as const)
      this.transcriptionTokens.inc({ kind }, tokens[kind]);
  }

  keptRejected(reason: string): void {
    this.rejected.inc({ reason });
  }

  breached(team: Team): void {
    this.breaches.inc({ team });
  }

  /** Asks how many cases of each team are open whenever the figures are read. */
  watchCases(openByTeam: () => Promise<Map<Team, number>>): void {
    new Gauge({
      name: 'baton_open_cases',
      help: 'Cases that are open or snoozed, by team',
      labelNames: ['team'],
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const [team, count] of await openByTeam()) this.set({ team }, count);
      },
    });
  }

  /** Asks how many milestones each team is late with whenever the figures are read. */
  watchMilestones(debt: () => Promise<{ owner: Team; late: number }[]>): void {
    new Gauge({
      name: 'baton_late_milestones',
      help: 'Milestones of flows that are past their date and still owed, by team',
      labelNames: ['team'],
      registers: [this.registry],
      async collect() {
        this.reset();
        for (const { owner, late } of await debt()) this.set({ team: owner }, late);
      },
    });
  }

  held(channel: string, isHeld: boolean): void {
    this.holding.set({ channel }, isHeld ? 1 : 0);
  }

  sent(outcome: string, sinceOwedMs: number): void {
    this.sends.inc({ outcome });
    if (outcome === 'accepted') this.sendDelay.observe(sinceOwedMs / 1_000);
  }
}
