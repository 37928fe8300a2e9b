package dev.penstock.ring;

/** Checks arrays of another class than a ring's or stack's own before slots are claimed, after which nothing may throw. */
final class ElementTypes {
    private ElementTypes() {}

    static void checkSource(String name, Object[] slots, Object[] from, int offset, int n) {
        Class<?> type = slots.getClass().componentType();
        for (int i = 0; i < n; i++) {
            Object element = from[offset + i];
            if (element != null && !type.isInstance(element)) {
                throw new ArrayStoreException(name + " holds " + type.getName() + ", but element "
                        + (offset + i) + " is a " + element.getClass().getName());
            }
        }
    }

    static void checkTarget(String name, Object[] slots, Object[] to) {
        Class<?> type = slots.getClass().componentType();
        if (!to.getClass().componentType().isAssignableFrom(type)) {
            throw new ArrayStoreException(name + " holds " + type.getName() + ", which a "
                    + to.getClass().getTypeName() + " cannot take");
        }
    }
}
