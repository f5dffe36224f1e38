/* The vector file in its form of words, kept in flash. */
    .section .vectors, "a", %progbits
    .balign 8
    .incbin "vectors.bin"
    .balign 8
