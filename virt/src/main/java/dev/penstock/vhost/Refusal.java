package dev.penstock.vhost;

/** Why a back end refuses a message. Each has a counter. */
public enum Refusal {
    /** A header that makes no sense, or a message that ends too early. */
    HEADER("bad_header"),
    /** A request that is not known. */
    REQUEST("unknown_request"),
    /** A payload of the wrong length. */
    SIZE("bad_size"),
    /** Too many or too few descriptors. */
    FDS("bad_fd_count"),
    /** A descriptor that is no eventfd, socket or file where one must be. */
    FD_KIND("bad_fd_kind"),
    /** A queue that is not there. */
    QUEUE("bad_queue"),
    /** A feature that was not offered, or not at this moment. */
    FEATURES("bad_features"),
    /** A number out of its range. */
    VALUE("bad_value"),
    /** A region that is empty, ends past the addresses, or starts off a page. */
    REGION("bad_region"),
    /** Regions that overlap. */
    REGION_OVERLAP("region_overlap"),
    /** More regions than there are slots, or one to be removed that is not there. */
    REGION_SLOT("bad_region_slot"),
    /** A file that is shorter than what is said to lie in it. */
    FILE_SHORT("file_too_short"),
    /** A file that can't be mapped. */
    FILE_MAP("file_not_mapped"),
    /** A ring that does not lie in the memory, or off its alignment. */
    RING("bad_ring"),
    /** A change of what must not change while the queue runs. */
    LIVE("live_queue"),
    /** An entry of the IOTLB that makes no sense. */
    IOTLB("bad_iotlb"),
    /** Memory that vanished under the device: its file was cut. */
    MEMORY_GONE("memory_gone"),
    /** A second front end while one is connected. */
    SECOND_PEER("second_front_end");

    private final String counter;

    Refusal(String counter) {
        this.counter = counter;
    }

    /** @return the counter's name */
    public String counter() {
        return counter;
    }
}
