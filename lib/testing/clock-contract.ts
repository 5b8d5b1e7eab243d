import type { TestFn } from 'ava';
import type { Clock } from '../base/clock.ts';

/** A clock and a way to let its time pass. */
export type ClockUnderTest = { readonly clock: Clock; readonly pass: (durationMs: number) => Promise<void> };

/** What every Clock promises. Registers its tests with `test`. */
export function clockContract(test: TestFn, name: string, open: () => ClockUnderTest): void {
  test(`${name}: a timer fires once, not before its time, and never while it is set`, async (t) => {
    const { clock, pass } = open();
    const startMs = clock.now();
    const fired: number[] = [];
    clock.setTimer(20, () => fired.push(clock.now() - startMs));
    t.deepEqual(fired, []);
    await pass(100);
    t.is(fired.length, 1);
    t.true((fired[0] ?? 0) >= 19);
  });
  test(`${name}: a delay that is nothing, or less, fires after the current call`, async (t) => {
    const { clock, pass } = open();
    const fired: string[] = [];
    clock.setTimer(0, () => fired.push('zero'));
    clock.setTimer(-5, () => fired.push('less'));
    t.deepEqual(fired, []);
    await pass(20);
    t.deepEqual(fired, ['zero', 'less']);
  });
  test(`${name}: timers fire in the order they are due`, async (t) => {
    const { clock, pass } = open();
    const fired: string[] = [];
    clock.setTimer(40, () => fired.push('later'));
    clock.setTimer(10, () => fired.push('sooner'));
    await pass(120);
    t.deepEqual(fired, ['sooner', 'later']);
  });
  test(`${name}: a timer that was cancelled does not fire; cancelling again, or late, is harmless`, async (t) => {
    const { clock, pass } = open();
    const fired: string[] = [];
    const cancelled = clock.setTimer(10, () => fired.push('cancelled'));
    const kept = clock.setTimer(10, () => fired.push('kept'));
    cancelled.cancel();
    cancelled.cancel();
    await pass(50);
    kept.cancel();
    t.deepEqual(fired, ['kept']);
  });
  test(`${name}: a timer set by a timer fires too`, async (t) => {
    const { clock, pass } = open();
    const fired: string[] = [];
    clock.setTimer(10, () => clock.setTimer(10, () => fired.push('second')));
    await pass(100);
    t.deepEqual(fired, ['second']);
  });
}
