// Numbers that carry a proof of their own: each check takes digits (or letters and digits) without separators and says whether the
// proof holds. Sources stand at each.

/** ISO/IEC 7812-1, annex B (Luhn): the last digit is the check. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const doubled = digit * 2;
    sum += place % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}

const weighted = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, place) => sum + weight * Number(digits[place]), 0);

/** Australian tax file number (ATO: "Tax file number algorithm"): weighted sum divisible by eleven; nine digits, formerly eight. */
export function isTaxFileNumber(digits: string): boolean {
  const weights = digits.length === 9 ? [1, 4, 3, 7, 5, 8, 6, 9, 10] : [10, 7, 8, 4, 6, 3, 5, 1];
  return digits.length === weights.length && weighted(digits, weights) % 11 === 0 && !/^0+$/.test(digits);
}

/** Australian business number (ABR: "Format of the ABN"): the first digit less one, weighted, divisible by 89. */
export function isBusinessNumber(digits: string): boolean {
  if (digits.length !== 11 || digits.startsWith("0")) return false;
  const less = `${Number(digits[0]) - 1}${digits.slice(1)}`;
  return weighted(less, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) % 89 === 0;
}

/** Australian Medicare card (Services Australia): eight digits beginning with 2 to 6, their check, the issue, perhaps the person. */
export function isMedicare(digits: string): boolean {
  if (!/^[2-6]\d{8}[1-9]\d?$/.test(digits)) return false;
  return weighted(digits, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === Number(digits[8]);
}

/** Chinese resident identity number (GB 11643-1999, ISO 7064 MOD 11-2): province, date of birth, order, check. */
export function isResidentIdentity(text: string): boolean {
  if (!/^[1-9]\d{16}[\dXx]$/.test(text)) return false;
  const province = Number(text.slice(0, 2));
  if (province < 11 || province > 91) return false;
  if (!isDate(text.slice(6, 10), text.slice(10, 12), text.slice(12, 14))) return false;
  const sum = weighted(text, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
  return "10X98765432"[sum % 11] === text[17]?.toUpperCase();
}

function isDate(year: string, month: string, day: string): boolean {
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  const isOne = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(`${year}-${month}-${day}`);
  return isOne && Number(year) >= 1850 && Number(year) <= 2100;
}

/** Lengths by country: the SWIFT registry of IBANs (ISO 13616), release 99. */
const lengths: Readonly<Record<string, number>> = {
  ...{
    AD: 24,
    AE: 23,
    AL: 28,
    AT: 20,
    AZ: 28,
    BA: 20,
    BE: 16,
    BG: 22,
    BH: 22,
    BI: 27,
    BR: 29,
    BY: 28,
    CH: 21,
    CR: 22,
    CY: 28,
  },
  ...{
    CZ: 24,
    DE: 22,
    DJ: 27,
    DK: 18,
    DO: 28,
    EE: 20,
    EG: 29,
    ES: 24,
    FI: 18,
    FK: 18,
    FO: 18,
    FR: 27,
    GB: 22,
    GE: 22,
    GI: 23,
  },
  ...{
    GL: 18,
    GR: 27,
    GT: 28,
    HN: 28,
    HR: 21,
    HU: 28,
    IE: 22,
    IL: 23,
    IQ: 23,
    IS: 26,
    IT: 27,
    JO: 30,
    KW: 30,
    KZ: 20,
    LB: 28,
  },
  ...{
    LC: 32,
    LI: 21,
    LT: 20,
    LU: 20,
    LV: 21,
    LY: 25,
    MC: 27,
    MD: 24,
    ME: 22,
    MK: 19,
    MN: 20,
    MR: 27,
    MT: 31,
    MU: 30,
    NI: 28,
  },
  ...{
    NL: 18,
    NO: 15,
    OM: 23,
    PK: 24,
    PL: 28,
    PS: 29,
    PT: 25,
    QA: 29,
    RO: 24,
    RS: 22,
    RU: 33,
    SA: 24,
    SC: 31,
    SD: 18,
    SE: 24,
  },
  ...{ SI: 19, SK: 24, SM: 27, SO: 23, ST: 25, SV: 28, TL: 23, TN: 24, TR: 26, UA: 29, VA: 22, VG: 24, XK: 20, YE: 30 },
};

/** ISO 13616, ISO 7064 MOD 97-10. Upper case. */
export function isAccountNumber(text: string): boolean {
  if (lengths[text.slice(0, 2)] !== text.length) return false;
  const turned = text.slice(4) + text.slice(0, 4);
  let rest = 0;
  for (const letter of turned) {
    const value = Number.parseInt(letter, 36);
    if (Number.isNaN(value)) return false;
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** US Social Security number (SSA, POMS RM 10201.035): no area 000, 666 or 9xx, no group 00, no serial 0000. */
export const isSocialSecurity = (digits: string): boolean =>
  /^(?!000|666|9)\d{3}(?!00)\d{2}(?!0000)\d{4}$/.test(digits);

/** By issuer (ISO/IEC 7812): lengths and first digits of the common networks. */
export const isCard = (digits: string): boolean =>
  /^(?:4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|5\d\d)\d{12}|35\d{14}|62\d{14,17})$/.test(
    digits,
  ) &&
  luhn(digits) &&
  !/^(\d)\1+$/.test(digits);
