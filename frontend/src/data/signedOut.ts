/** Tells the router, which the data layer does not know, that the session ended. */
type Listener = () => void;

const listeners = new Set<Listener>();

export const signedOut = {
  announce: () => listeners.forEach((listener) => listener()),
  subscribe: (listener: Listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
