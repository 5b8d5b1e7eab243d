/** Annotations that rooms of Pintle talk to one another with. */

/**
 * On a Pod, by the node agent: where its container ports really listen, as a JSON object of container port → real port
 * (`{"8080":41234}`). Absent, or without the port: the port itself. Only drivers whose pods share one network write it.
 */
export const PORTS_ANNOTATION = 'runtime.pintle.dev/ports';
