package dev.penstock.drivers.afxdp;

import dev.penstock.linux.XdpProgram;

/** Where the XDP program runs. */
enum XdpMode {
    /** In the interface's driver, and if it can't, in the network stack. */
    BEST(XdpProgram.DRIVER_MODE),
    /** In the interface's driver. */
    DRV(XdpProgram.DRIVER_MODE),
    /** In the network stack. */
    SKB(XdpProgram.SKB_MODE);

    private final int flag;

    XdpMode(int flag) {
        this.flag = flag;
    }

    int flag() {
        return flag;
    }

    static XdpMode of(String port, String text) {
        return switch (text) {
            case "" -> BEST;
            case "drv" -> DRV;
            case "skb" -> SKB;
            default -> throw new IllegalArgumentException(port + ": mode=" + text
                    + " is not known; give drv (the driver's own XDP) or skb (generic XDP), or leave it out for the best there is");
        };
    }
}
