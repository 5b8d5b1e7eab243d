export { MANUAL_START_MS, type ManualClock, manualClock, settle } from '../base/manual-clock.ts';
