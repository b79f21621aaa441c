"""Records values of functions to 70 digits, for grading/precise.test.ts to compare with.

Run:  python3 record-precise.py > precise-numbers.json        (made with mpmath 1.3.0)
"""
import json

import mpmath as m
from mpmath import mp, mpf

mp.dps = 80
cases = {
    "\\sin 2.5": m.sin(mpf("2.5")), "\\sin 1000000": m.sin(1000000), "\\cos 100": m.cos(100), "\\tan 1.25": m.tan(mpf("1.25")),
    "\\cot(-3)": m.cot(-3), "\\sec 0.5": m.sec(mpf("0.5")), "\\csc(-2)": m.csc(-2), "\\arcsin 0.75": m.asin(mpf("0.75")),
    "\\arcsin(-1)": m.asin(-1), "\\arccos(-0.75)": m.acos(mpf("-0.75")), "\\arctan 1000": m.atan(1000),
    "\\arctan(-0.001)": m.atan(mpf("-0.001")), "\\sinh 3": m.sinh(3), "\\cosh(-3)": m.cosh(-3), "\\tanh 0.25": m.tanh(mpf("0.25")),
    "\\ln 1000000": m.log(1000000), "\\ln 0.001": m.log(mpf("0.001")), "\\log 7": m.log10(7), "\\lg 0.5": m.log10(mpf("0.5")),
    "\\log_3 5": m.log(5) / m.log(3), "e^{50}": m.exp(50), "e^{-50}": m.exp(-50), "\\sqrt{2}": m.sqrt(2),
    "\\sqrt[5]{-7}": -m.root(7, 5), "2^{0.3}": mpf(2) ** mpf("0.3"), "\\pi^{20}": m.pi**20,
    "e^{\\pi\\sqrt{163}}": m.exp(m.pi * m.sqrt(163)), "30!\\pi": m.factorial(30) * m.pi, "\\binom{60}{30}\\pi": m.binomial(60, 30) * m.pi,
    "\\lfloor -7.5\\rfloor\\sqrt3": -8 * m.sqrt(3), "\\lceil -7.5\\rceil\\sqrt3": -7 * m.sqrt(3), "|{-3}|\\sqrt3": 3 * m.sqrt(3),
    "37^\\circ": 37 * m.pi / 180, "\\gcd(12, 18)\\pi": 6 * m.pi, "\\lcm(12, 18)\\pi": 36 * m.pi, "10^{-30}-\\pi": mpf(10) ** -30 - m.pi,
}
print(json.dumps({name: m.nstr(value, 70, min_fixed=-1, max_fixed=1) for name, value in cases.items()}, indent=1))
