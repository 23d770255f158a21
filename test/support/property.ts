import fc from "fast-check";

const seed = process.env.PROPERTY_SEED ?? "1";

/**
 * Property tests see the same values in each run, so that one that fails is about the change that was made. With `PROPERTY_SEED=random` they
 * look where nobody has looked yet; with a number, where a failure said that it was.
 */
if (seed !== "random") fc.configureGlobal({ seed: Number(seed) });

export { fc };
