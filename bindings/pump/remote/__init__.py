"""A remote for the pump: paired once, then authenticated, ordered, expiring, replay-proof.

- `pairing`: two devices agree on a key; a person types the code that one shows into the pump.
- `noise`: a connection is a Noise NNpsk0 handshake under that key, then sealed messages in order.
- `desk`: each request is done once, under the client's own number, whatever is repeated or lost.
- `server`, `client`: both ends of a local socket. `keys`: the files that hold the keys.

What a remote may ask is the kernel's decision (source REMOTE). What is here only keeps others from
asking, and keeps one request from becoming two.
"""
