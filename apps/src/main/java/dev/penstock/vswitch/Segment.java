package dev.penstock.vswitch;

/** One VLAN of one tenant under one plan: who a flooded packet goes to. Segments of different plans are never compared. */
final class Segment {
    final int fid;
    final int vlan;
    Lane[] members;

    Segment(int fid, int vlan) {
        this.fid = fid;
        this.vlan = vlan;
    }
}
