/** The server's rules in a sentence (serving-api, sign-in/local/password-rules.ts); it checks them itself. */
export const PASSWORD_HINT = 'At least 12 characters. A sentence is good; what others use as a password is not.'
