import { ConfigurationError } from '../errors.js';
import { showValue } from '../util/option-checks.js';
import { matches, toRequestMatch, type Match, type RequestMatch } from './match.js';
import { Reaction } from './reactions.js';
import type { FakeRequest } from './request.js';

/** A reaction, some in a row, or a function that picks one for a request (or none: the node's own answer). */
export type ReactionLike =
  | Reaction
  | readonly Reaction[]
  | ((
      request: FakeRequest,
    ) => Reaction | readonly Reaction[] | undefined | Promise<Reaction | readonly Reaction[] | undefined>);

/** One line of a node's script. */
export class Rule {
  /** Which requests it is about. */
  readonly match: RequestMatch;
  /** What is done about them. */
  readonly reaction: ReactionLike;
  readonly #remove: (rule: Rule) => void;
  #matched = 0;
  #applied = 0;

  /** Made by `node.on`; `remove` takes it out of the node's list. */
  constructor(match: Match, reaction: ReactionLike, remove: (rule: Rule) => void) {
    this.match = toRequestMatch(match);
    checkReaction(reaction);
    this.reaction = reaction;
    this.#remove = remove;
  }

  /** How many requests this rule was applied to. */
  get applied(): number {
    return this.#applied;
  }

  /** Takes the rule out of its node: other rules, or the node's own answers, count again. */
  remove(): void {
    this.#remove(this);
  }

  /** Counts the request if it matches, and says whether it is one of those that are meant. */
  accepts(request: FakeRequest): boolean {
    if (!matches(this.match, request)) return false;
    this.#matched++;
    const { nth, times = Infinity } = this.match;
    return nth === undefined ? this.#matched <= times : this.#matched === nth;
  }

  /** Counts one more request that it was applied to. */
  apply(): void {
    this.#applied++;
  }
}

function checkReaction(reaction: unknown): void {
  const all: readonly unknown[] = Array.isArray(reaction) ? reaction : [reaction];
  if (typeof reaction === 'function' || all.every((one) => one instanceof Reaction)) return;
  throw new ConfigurationError(
    `A reaction is one of reactions, some in a row, or a function; got ${showValue(reaction)}`,
  );
}

/** A node's script. Of the rules that accept a request, the youngest holds. */
export class Rules {
  #rules: Rule[] = [];

  add(match: Match, reaction: ReactionLike): Rule {
    const rule = new Rule(match, reaction, (gone) => {
      this.#rules = this.#rules.filter((one) => one !== gone);
    });
    this.#rules.push(rule);
    return rule;
  }

  clear(): void {
    this.#rules = [];
  }

  find(request: FakeRequest): Rule | undefined {
    // All rules are asked, so that each counts what it matches.
    const accepting = this.#rules.filter((rule) => rule.accepts(request));
    const rule = accepting.at(-1);
    rule?.apply();
    return rule;
  }
}

export function toReaction(made: Reaction | readonly Reaction[] | undefined): Reaction {
  if (made === undefined) return new Reaction();
  return made instanceof Reaction ? made : new Reaction().and(...made);
}
