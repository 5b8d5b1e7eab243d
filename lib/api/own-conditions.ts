/** Types of conditions that rooms of Pintle talk to one another with. */

/** On a Service, by the proxy's sync: False while one of its addresses cannot be listened at. Absent: nothing is known to fail. */
export const LISTENS_CONDITION = 'pintle.dev/Listens';

/** On what is accepted and not enforced: always False. */
export const ENFORCED_CONDITION = 'pintle.dev/Enforced';
