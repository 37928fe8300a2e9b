package dev.penstock.vhost;

/** For tests that ask a back end itself how it stands. */
class NobodyListens implements VhostListener {
    @Override
    public void linkChanged(boolean up) {}

    @Override
    public void announce(long mac) {}

    @Override
    public void mtu(int bytes) {}

    @Override
    public void say(String line) {}
}
