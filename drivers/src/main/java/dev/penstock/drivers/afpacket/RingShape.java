package dev.penstock.drivers.afpacket;

import dev.penstock.ethdev.PortDriver;
import dev.penstock.linux.Platform;

/**
 * The size of a ring: blocks of memory that hold whole frames.
 *
 * @param blockBytes bytes of a block
 * @param frameBytes bytes of a frame, its header included
 * @param frames how many frames
 */
record RingShape(int blockBytes, int frameBytes, int frames) {
    private static final int MIN_FRAME = 128;
    private static final int MAX_FRAME = 1 << 20;
    private static final int MAX_RING = 1 << 30;

    static RingShape of(PortDriver.Request request) {
        int page = Platform.pageSizeBytes();
        int block = request.number("blocksz", page, 1, MAX_RING);
        int frame = request.number("framesz", 2048, 1, MAX_RING);
        int frames = request.number("framecnt", 512, 1, MAX_RING / MIN_FRAME);
        String name = request.name() + ": ";
        require(block % page == 0, name + "blocksz=" + block + " is not a multiple of the page size; give a multiple of " + page);
        require(frame >= MIN_FRAME && frame <= MAX_FRAME && frame % Tpacket.ALIGNMENT == 0, name + "framesz=" + frame
                + " is not a multiple of " + Tpacket.ALIGNMENT + " from " + MIN_FRAME + " to " + MAX_FRAME);
        require(frame <= block, name + "framesz=" + frame + " exceeds blocksz=" + block + "; give blocksz=" + up(frame, page)
                + " or a smaller framesz");
        require(block % frame == 0, name + "framesz=" + frame + " does not divide blocksz=" + block
                + "; give a power of two as framesz");
        int perBlock = block / frame;
        require(frames % perBlock == 0, name + "framecnt=" + frames + " does not fill whole blocks of " + perBlock
                + " frames; give framecnt=" + up(frames, perBlock));
        require((long) frames * frame <= MAX_RING, name + "framecnt=" + frames + " frames of framesz=" + frame
                + " bytes are more than 1 GB; give fewer");
        return new RingShape(block, frame, frames);
    }

    /** Bytes of the whole ring. */
    int bytes() {
        return frames * frameBytes;
    }

    int blocks() {
        return bytes() / blockBytes;
    }

    private static int up(int value, int step) {
        return (value + step - 1) / step * step;
    }

    private static void require(boolean fine, String message) {
        if (!fine) {
            throw new IllegalArgumentException(message);
        }
    }
}
