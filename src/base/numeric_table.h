/* SPDX-License-Identifier: MIT
 * Constants of numeric.c, printed by tests/unit/numeric_table.py; do not edit. */
/* clang-format off */
#ifndef CH_NUMERIC_TABLE_H
#define CH_NUMERIC_TABLE_H

static const double LN2_HIGH = 0x1.62e42fefa3800p-1; /* ln 2, multiple of 2^-42 */
static const double LN2_LOW = 0x1.ef35793c76730p-45; /* the rest */
static const double STEPS = 0x1.71547652b82fep+6; /* 64 / ln 2 */
static const double STEP_HIGH = 0x1.62e42fefa0000p-7; /* ln 2 / 64, multiple of 2^-42: times 17 bits exact */
static const double STEP_LOW = 0x1.cf79abc9e3b3ap-46; /* the rest */
static const double LOG10E_HIGH = 0x1.bcb7b10000000p-2; /* 1 / ln 10, 25 bits */
static const double LOG10E_LOW = 0x1.49b9438ca9aaep-28; /* the rest */
static const double QUARTERS = 0x1.45f306dc9c883p-1; /* 2 / pi */
static const double QUARTER_HIGH = 0x1.921fb54400000p+0; /* pi / 2, multiple of 2^-33: times 17 bits exact */
static const double QUARTER_MIDDLE = 0x1.0b4611a600000p-34; /* next 33 bits */
static const double QUARTER_LOW = 0x1.3198a2e037073p-69; /* the rest */
static const double PI = 0x1.921fb54442d18p+1; /* pi */
static const double PI_HALF = 0x1.921fb54442d18p+0; /* pi / 2 */
static const double PI_QUARTER = 0x1.921fb54442d18p-1; /* pi / 4 */

/* (r - log(1+r)) / r^2 on [-2^-7, 2^-6] */
static const double LOG_SERIES[] = {
    0x1.0000000000000p-1, -0x1.5555555555557p-2, 0x1.ffffffffff71ap-3, -0x1.999999994a892p-3,
    0x1.555555a1dc89ap-3, -0x1.249271dc58ecbp-3, 0x1.fff0bba035b50p-4, -0x1.ba9ca7e764501p-4,
};

/* (e^r - 1 - r) / r^2 on +- ln 2 / 128 */
static const double EXP_SERIES[] = {
    0x1.ffffffffff57fp-2, 0x1.5555555555255p-3, 0x1.55556b3304ec0p-5, 0x1.11111d8fbe766p-7,
};

/* (sin x / x - 1) / u, u = x^2, |x| <= pi/4 */
static const double SIN_SERIES[] = {
    -0x1.5555555555555p-3, 0x1.1111111110bb2p-7, -0x1.a01a019e83aaep-13, 0x1.71de37968a100p-19,
    -0x1.ae600b02b6262p-26, 0x1.5e0b19f8b1451p-33,
};

/* (cos x - 1 + u/2) / u^2, u = x^2, |x| <= pi/4 */
static const double COS_SERIES[] = {
    0x1.5555555555555p-5, -0x1.6c16c16c16967p-10, 0x1.a01a019f4eb01p-16, -0x1.27e4fa17da09ep-22,
    0x1.1eeb68e93b64cp-29, -0x1.907da367a37cbp-37,
};

/* (atan x / x - 1) / u, u = x^2, |x| <= tan(pi/8) */
static const double ATAN_SERIES[] = {
    -0x1.5555555555555p-2, 0x1.999999999934cp-3, -0x1.2492492436201p-3, 0x1.c71c71853d7fap-4,
    -0x1.745d0b28a7e37p-4, 0x1.3b1263064f6b9p-4, -0x1.10fa77b1a6d57p-4, 0x1.dfe6497e96323p-5,
    -0x1.a0999c632b6edp-5, 0x1.4162c02b1dda3p-5, -0x1.3a31b1c0fd3b7p-6,
};

/* (atanh x / x - 1) / u, u = x^2, |x| <= 1/2 */
static const double ATANH_SERIES[] = {
    0x1.5555555555555p-2, 0x1.9999999999ad1p-3, 0x1.249249247e911p-3, 0x1.c71c71d6cc5d1p-4,
    0x1.745d1406b992ep-4, 0x1.3b1417e6e07dfp-4, 0x1.1108e26d64a6dp-4, 0x1.e2c342108eb1fp-5,
    0x1.a6c53053bf30cp-5, 0x1.bdcd3cefa72cep-5, 0x1.92cc88a36f708p-7, 0x1.15aa7698edf42p-3,
    -0x1.27f230f3831a3p-3, 0x1.b016cba23eee4p-3,
};

/* P(Z > z) e^(z^2/2) (z + 4), in t = (z - 4) / (z + 4), 0 <= z <= 39 */
static const double CDF_SERIES[] = {
    0x1.82b4bb8c94dccp-1, -0x1.373e3a893c269p-1, 0x1.8c6dbf2cfc6fap-2, -0x1.7dff2bff6b427p-3,
    0x1.eec4cc3dee3fbp-5, -0x1.ee2760fa39b21p-8, -0x1.c817196c99aabp-9, 0x1.ab825dccdcf9dp-10,
    0x1.17a471f4b13fdp-13, -0x1.e4a3bf1a4ba00p-13, -0x1.ff9872383333dp-20, 0x1.26ca7b37e8fa9p-15,
    0x1.7c4862bf83687p-21, -0x1.8cdabbb6ec346p-18, -0x1.48125dcc40014p-21, 0x1.0fde7a2e2bfe6p-20,
    0x1.07110481728e8p-22, -0x1.408cd918b0403p-23, -0x1.0821c56418a0ep-24, 0x1.c4a0fb641a236p-27,
    0x1.0804e1b828afbp-27,
};

/* quantile / q, in 185/1024 - q^2, q = p - 1/2, |q| <= 0.425: numerator */
static const double CENTRE_TOP[] = {
    0x1.b19a9a647d78bp+1, 0x1.0a1bb2516d5a8p+7, 0x1.ec0e5824142e2p+10, 0x1.abc938685f69dp+13,
    0x1.6501e2fe694ebp+15, 0x1.04df0157916cep+16, 0x1.0292bb4e27c7cp+15, 0x1.35791e7f239d9p+11,
};

/* its denominator */
static const double CENTRE_BOTTOM[] = {
    0x1.0000000000000p+0, 0x1.52461d024a921p+5, 0x1.570967c637d38p+9, 0x1.502cbbccd5e7cp+12,
    0x1.49fd553f9a8bbp+14, 0x1.311b179370e0bp+15, 0x1.bce08c800f141p+14, 0x1.42c7b903e8e0dp+12,
};

/* -quantile, in r = sqrt(-log p), 1.6 <= r <= 5: numerator */
static const double NEAR_TOP[] = {
    -0x1.bcc8099693386p+1, -0x1.dff8f892b6076p+4, -0x1.4a3ccc6209104p+5, 0x1.be73a042eeda9p+3,
    0x1.ea73f67311f94p+5, 0x1.494d308b515dbp+5, 0x1.1c083515d3426p+3, 0x1.f4ee3aede5121p-2,
};

/* its denominator */
static const double NEAR_BOTTOM[] = {
    0x1.0000000000000p+0, 0x1.d30ee658091d9p+3, 0x1.676d79dc28dc7p+5, 0x1.b0b14751a7f0bp+5,
    0x1.dfbbfbbd8264ap+4, 0x1.91fe62dc7dce1p+2, 0x1.6224f45f6051dp-2, 0x1.629f917f99027p-21,
};

/* -quantile, in r = sqrt(-log p), 5 <= r <= 27.5: numerator */
static const double FAR_TOP[] = {
    -0x1.9a0997ab1539ep+1, -0x1.79f88eb208243p+3, 0x1.00b5613688d5bp+2, 0x1.ac1fe83d91e27p+3,
    0x1.34177860cd94ap+2, 0x1.14955549eee82p-1, 0x1.4b56fc9ee79f1p-6, 0x1.a6fbd011ba1a3p-13,
};

/* its denominator */
static const double FAR_BOTTOM[] = {
    0x1.0000000000000p+0, 0x1.f9b4ea5cdefb0p+2, 0x1.473172d1ae8ebp+3, 0x1.b8699fbe620d7p+1,
    0x1.87a43c81ce6d2p-2, 0x1.d498ff390338ep-7, 0x1.2b17aed2464aap-13, 0x1.1bd6c04a86cdap-39,
};

/* Logarithm: 64 pieces of [0.6875, 1.375): a point c, 1/c, log c as a multiple of 2^-42 and the rest. The pieces on
 * both sides of 1 take c = 1, so that nothing cancels there. */
static const struct {
    double c, inverse, high, low;
} LOG_TABLE[64] = {
    {0x1.6200000000000p-1, 0x1.724287f46debcp+0, -0x1.79e26687d0000p-2, 0x1.309c168817444p-44},
    {0x1.6600000000000p-1, 0x1.6e1f76b4337c7p+0, -0x1.6e60ee6af2000p-2, 0x1.a37a6a0f7749ep-44},
    {0x1.6a00000000000p-1, 0x1.6a13cd1537290p+0, -0x1.630030b3ab000p-2, 0x1.db623e731ae00p-45},
    {0x1.6e00000000000p-1, 0x1.661ec6a5122f9p+0, -0x1.57bf753c8d000p-2, -0x1.fadedee5d40efp-46},
    {0x1.7200000000000p-1, 0x1.623fa77016240p+0, -0x1.4c9e09e173000p-2, 0x1.e20891b0ad8a4p-45},
    {0x1.7600000000000p-1, 0x1.5e75bb8d015e7p+0, -0x1.419b423d5f000p-2, 0x1.ce379226de3ecp-44},
    {0x1.7a00000000000p-1, 0x1.5ac056b015ac0p+0, -0x1.36b6776be1000p-2, -0x1.16ecdb0f177c8p-46},
    {0x1.7e00000000000p-1, 0x1.571ed3c506b3ap+0, -0x1.2bef07cdc9000p-2, -0x1.a9cfa4a5004f4p-45},
    {0x1.8200000000000p-1, 0x1.5390948f40febp+0, -0x1.214456d0ec000p-2, 0x1.caf0428b728a3p-44},
    {0x1.8600000000000p-1, 0x1.5015015015015p+0, -0x1.16b5ccbad0000p-2, 0x1.23299042d74bfp-44},
    {0x1.8a00000000000p-1, 0x1.4cab88725af6ep+0, -0x1.0c42d67616000p-2, -0x1.7188b163ceae9p-45},
    {0x1.8e00000000000p-1, 0x1.49539e3b2d067p+0, -0x1.01eae5626c000p-2, -0x1.a43dcfade85aep-44},
    {0x1.9200000000000p-1, 0x1.460cbc7f5cf9ap+0, -0x1.ef5ade4dd0000p-3, 0x1.a211565bb8e11p-51},
    {0x1.9600000000000p-1, 0x1.42d6625d51f87p+0, -0x1.db13db0d48000p-3, -0x1.2806a847527e6p-44},
    {0x1.9a00000000000p-1, 0x1.3fb013fb013fbp+0, -0x1.c6ffbc6f00000p-3, -0x1.ee138d3a69d43p-44},
    {0x1.9e00000000000p-1, 0x1.3c995a47babe7p+0, -0x1.b31d8575bc000p-3, -0x1.c794e562a63cbp-44},
    {0x1.a200000000000p-1, 0x1.3991c2c187f63p+0, -0x1.9f6c40708a000p-3, 0x1.337d94bcd3f43p-44},
    {0x1.a600000000000p-1, 0x1.3698df3de0748p+0, -0x1.8beafeb390000p-3, 0x1.73d54aae92cd1p-47},
    {0x1.aa00000000000p-1, 0x1.33ae45b57bcb2p+0, -0x1.7898d85444000p-3, -0x1.8e67be3dbaf3fp-44},
    {0x1.ae00000000000p-1, 0x1.30d190130d190p+0, -0x1.6574ebe8c2000p-3, 0x1.98c1d34f0f462p-44},
    {0x1.b200000000000p-1, 0x1.2e025c04b8097p+0, -0x1.527e5e4a1c000p-3, 0x1.4e60b8d4b411dp-44},
    {0x1.b600000000000p-1, 0x1.2b404ad012b40p+0, -0x1.3fb45a5992000p-3, -0x1.19713c0cae559p-44},
    {0x1.ba00000000000p-1, 0x1.288b01288b013p+0, -0x1.2d1610c868000p-3, -0x1.39d6ccb81b4a1p-47},
    {0x1.be00000000000p-1, 0x1.25e22708092f1p+0, -0x1.1aa2b7e240000p-3, 0x1.1ac38dde3b366p-44},
    {0x1.c200000000000p-1, 0x1.23456789abcdfp+0, -0x1.08598b59e4000p-3, 0x1.7e5dd7009902cp-45},
    {0x1.c600000000000p-1, 0x1.20b470c67c0d9p+0, -0x1.ec739830a0000p-4, -0x1.11fcba80cdd10p-44},
    {0x1.ca00000000000p-1, 0x1.1e2ef3b3fb874p+0, -0x1.c885801bc4000p-4, -0x1.646d1c65aacd3p-45},
    {0x1.ce00000000000p-1, 0x1.1bb4a4046ed29p+0, -0x1.a4e7640b1c000p-4, 0x1.e42b6b94407c8p-47},
    {0x1.d200000000000p-1, 0x1.19453808ca29cp+0, -0x1.8197e2f410000p-4, 0x1.c0fe460d20041p-44},
    {0x1.d600000000000p-1, 0x1.16e0689427379p+0, -0x1.5e95a4d978000p-4, -0x1.1cb7ce1d17171p-44},
    {0x1.da00000000000p-1, 0x1.1485f0e0acd3bp+0, -0x1.3bdf5a7d20000p-4, 0x1.19bd0ad125895p-44},
    {0x1.de00000000000p-1, 0x1.12358e75d3033p+0, -0x1.1973bd1464000p-4, -0x1.566d154f930b3p-44},
    {0x1.e200000000000p-1, 0x1.0fef010fef011p+0, -0x1.eea31c0068000p-5, -0x1.c3dd83606d891p-44},
    {0x1.e600000000000p-1, 0x1.0db20a88f4696p+0, -0x1.aaef2d0fb0000p-5, -0x1.0fc1a353bb42ep-45},
    {0x1.ea00000000000p-1, 0x1.0b7e6ec259dc8p+0, -0x1.67c94f2d48000p-5, -0x1.dac20827cca0cp-44},
    {0x1.ee00000000000p-1, 0x1.0953f39010954p+0, -0x1.252f32f8d0000p-5, -0x1.83e9ae021b67bp-45},
    {0x1.f200000000000p-1, 0x1.073260a47f7c6p+0, -0x1.c63d2ec150000p-6, 0x1.5439ce030a687p-44},
    {0x1.f600000000000p-1, 0x1.05197f7d73404p+0, -0x1.432a925980000p-6, -0x1.98139928637fep-47},
    {0x1.fa00000000000p-1, 0x1.03091b51f5e1ap+0, -0x1.82448a3880000p-7, -0x1.4554412c584e0p-44},
    {0x1.0000000000000p+0, 0x1.0000000000000p+0, 0x0.0p+0, 0x0.0p+0},
    {0x1.0000000000000p+0, 0x1.0000000000000p+0, 0x0.0p+0, 0x0.0p+0},
    {0x1.0600000000000p+0, 0x1.f44659e4a4271p-1, 0x1.7b91b07d60000p-6, -0x1.3b955b602ace4p-44},
    {0x1.0a00000000000p+0, 0x1.ecc07b301ecc0p-1, 0x1.39e87b9fe8000p-5, 0x1.eafd480ad9015p-44},
    {0x1.0e00000000000p+0, 0x1.e573ac901e574p-1, 0x1.b42dd71198000p-5, -0x1.c827ae5d6704cp-46},
    {0x1.1200000000000p+0, 0x1.de5d6e3f8868ap-1, 0x1.16536eea38000p-4, -0x1.47c5e768fa309p-46},
    {0x1.1600000000000p+0, 0x1.d77b654b82c34p-1, 0x1.51b073f060000p-4, 0x1.83f69278e686ap-44},
    {0x1.1a00000000000p+0, 0x1.d0cb58f6ec074p-1, 0x1.8c345d6318000p-4, 0x1.b20f5acb42a66p-44},
    {0x1.1e00000000000p+0, 0x1.ca4b3055ee191p-1, 0x1.c5e548f5bc000p-4, 0x1.d0c57585fbe06p-46},
    {0x1.2200000000000p+0, 0x1.c3f8f01c3f8f0p-1, 0x1.fec9131dc0000p-4, -0x1.54555d1ae6607p-44},
    {0x1.2600000000000p+0, 0x1.bdd2b899406f7p-1, 0x1.1b72ad52f6000p-3, 0x1.e80a41811a396p-45},
    {0x1.2a00000000000p+0, 0x1.b7d6c3dda338bp-1, 0x1.371fc201e8000p-3, 0x1.ee8779b2d8abcp-44},
    {0x1.2e00000000000p+0, 0x1.b2036406c80d9p-1, 0x1.526e5e3a1c000p-3, -0x1.790ba37fc5238p-44},
    {0x1.3200000000000p+0, 0x1.ac5701ac5701bp-1, 0x1.6d60fe719e000p-3, -0x1.bc6e557134767p-44},
    {0x1.3600000000000p+0, 0x1.a6d01a6d01a6dp-1, 0x1.87fa06520c000p-3, 0x1.22120401202fcp-44},
    {0x1.3a00000000000p+0, 0x1.a16d3f97a4b02p-1, 0x1.a23bc1fe2c000p-3, -0x1.539cd91dc9f0bp-44},
    {0x1.3e00000000000p+0, 0x1.9c2d14ee4a102p-1, 0x1.bc286742d8000p-3, 0x1.9ac53f39d121cp-44},
    {0x1.4200000000000p+0, 0x1.970e4f80cb872p-1, 0x1.d5c216b4fc000p-3, -0x1.1ba91bbca681bp-45},
    {0x1.4600000000000p+0, 0x1.920fb49d0e229p-1, 0x1.ef0adcbdc6000p-3, -0x1.b26b79c86af24p-45},
    {0x1.4a00000000000p+0, 0x1.8d3018d3018d3p-1, 0x1.0402594b4d000p-2, 0x1.036b89ef42d7fp-48},
    {0x1.4e00000000000p+0, 0x1.886e5f0abb04ap-1, 0x1.1058bf9ae5000p-2, -0x1.4ab9d817d52cdp-44},
    {0x1.5200000000000p+0, 0x1.83c977ab2beddp-1, 0x1.1c898c169a000p-2, -0x1.81410e5c62affp-44},
    {0x1.5600000000000p+0, 0x1.7f405fd017f40p-1, 0x1.2895a13de8000p-2, 0x1.a8d7ad24c13f0p-44},
    {0x1.5a00000000000p+0, 0x1.7ad2208e0ecc3p-1, 0x1.347dd9a988000p-2, -0x1.5594dd4c58092p-45},
    {0x1.5e00000000000p+0, 0x1.767dce434a9b1p-1, 0x1.404308686a000p-2, 0x1.f8ef43049f7d3p-44},
};

/* Exponential: 2^(j/64) and the rest. */
static const struct {
    double high, low;
} EXP_TABLE[64] = {
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.02c9a3e778061p+0, -0x1.19083535b085dp-56},
    {0x1.059b0d3158574p+0, 0x1.d73e2a475b465p-55},
    {0x1.0874518759bc8p+0, 0x1.186be4bb284ffp-57},
    {0x1.0b5586cf9890fp+0, 0x1.8a62e4adc610bp-54},
    {0x1.0e3ec32d3d1a2p+0, 0x1.03a1727c57b53p-59},
    {0x1.11301d0125b51p+0, -0x1.6c51039449b3ap-54},
    {0x1.1429aaea92de0p+0, -0x1.32fbf9af1369ep-54},
    {0x1.172b83c7d517bp+0, -0x1.19041b9d78a76p-55},
    {0x1.1a35beb6fcb75p+0, 0x1.e5b4c7b4968e4p-55},
    {0x1.1d4873168b9aap+0, 0x1.e016e00a2643cp-54},
    {0x1.2063b88628cd6p+0, 0x1.dc775814a8495p-55},
    {0x1.2387a6e756238p+0, 0x1.9b07eb6c70573p-54},
    {0x1.26b4565e27cddp+0, 0x1.2bd339940e9d9p-55},
    {0x1.29e9df51fdee1p+0, 0x1.612e8afad1255p-55},
    {0x1.2d285a6e4030bp+0, 0x1.0024754db41d5p-54},
    {0x1.306fe0a31b715p+0, 0x1.6f46ad23182e4p-55},
    {0x1.33c08b26416ffp+0, 0x1.32721843659a6p-54},
    {0x1.371a7373aa9cbp+0, -0x1.63aeabf42eae2p-54},
    {0x1.3a7db34e59ff7p+0, -0x1.5e436d661f5e3p-56},
    {0x1.3dea64c123422p+0, 0x1.ada0911f09ebcp-55},
    {0x1.4160a21f72e2ap+0, -0x1.ef3691c309278p-58},
    {0x1.44e086061892dp+0, 0x1.89b7a04ef80d0p-59},
    {0x1.486a2b5c13cd0p+0, 0x1.3c1a3b69062f0p-56},
    {0x1.4bfdad5362a27p+0, 0x1.d4397afec42e2p-56},
    {0x1.4f9b2769d2ca7p+0, -0x1.4b309d25957e3p-54},
    {0x1.5342b569d4f82p+0, -0x1.07abe1db13cadp-55},
    {0x1.56f4736b527dap+0, 0x1.9bb2c011d93adp-54},
    {0x1.5ab07dd485429p+0, 0x1.6324c054647adp-54},
    {0x1.5e76f15ad2148p+0, 0x1.ba6f93080e65ep-54},
    {0x1.6247eb03a5585p+0, -0x1.383c17e40b497p-54},
    {0x1.6623882552225p+0, -0x1.bb60987591c34p-54},
    {0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54},
    {0x1.6dfb23c651a2fp+0, -0x1.bbe3a683c88abp-57},
    {0x1.71f75e8ec5f74p+0, -0x1.16e4786887a99p-55},
    {0x1.75feb564267c9p+0, -0x1.0245957316dd3p-54},
    {0x1.7a11473eb0187p+0, -0x1.41577ee04992fp-55},
    {0x1.7e2f336cf4e62p+0, 0x1.05d02ba15797ep-56},
    {0x1.82589994cce13p+0, -0x1.d4c1dd41532d8p-54},
    {0x1.868d99b4492edp+0, -0x1.fc6f89bd4f6bap-54},
    {0x1.8ace5422aa0dbp+0, 0x1.6e9f156864b27p-54},
    {0x1.8f1ae99157736p+0, 0x1.5cc13a2e3976cp-55},
    {0x1.93737b0cdc5e5p+0, -0x1.75fc781b57ebcp-57},
    {0x1.97d829fde4e50p+0, -0x1.d185b7c1b85d1p-54},
    {0x1.9c49182a3f090p+0, 0x1.c7c46b071f2bep-56},
    {0x1.a0c667b5de565p+0, -0x1.359495d1cd533p-54},
    {0x1.a5503b23e255dp+0, -0x1.d2f6edb8d41e1p-54},
    {0x1.a9e6b5579fdbfp+0, 0x1.0fac90ef7fd31p-54},
    {0x1.ae89f995ad3adp+0, 0x1.7a1cd345dcc81p-54},
    {0x1.b33a2b84f15fbp+0, -0x1.2805e3084d708p-57},
    {0x1.b7f76f2fb5e47p+0, -0x1.5584f7e54ac3bp-56},
    {0x1.bcc1e904bc1d2p+0, 0x1.23dd07a2d9e84p-55},
    {0x1.c199bdd85529cp+0, 0x1.11065895048ddp-55},
    {0x1.c67f12e57d14bp+0, 0x1.2884dff483cadp-54},
    {0x1.cb720dcef9069p+0, 0x1.503cbd1e949dbp-56},
    {0x1.d072d4a07897cp+0, -0x1.cbc3743797a9cp-54},
    {0x1.d5818dcfba487p+0, 0x1.2ed02d75b3707p-55},
    {0x1.da9e603db3285p+0, 0x1.c2300696db532p-54},
    {0x1.dfc97337b9b5fp+0, -0x1.1a5cd4f184b5cp-54},
    {0x1.e502ee78b3ff6p+0, 0x1.39e8980a9cc8fp-55},
    {0x1.ea4afa2a490dap+0, -0x1.e9c23179c2893p-54},
    {0x1.efa1bee615a27p+0, 0x1.dc7f486a4b6b0p-54},
    {0x1.f50765b6e4540p+0, 0x1.9d3e12dd8a18bp-54},
    {0x1.fa7c1819e90d8p+0, 0x1.74853f3a5931ep-55},
};

#endif
