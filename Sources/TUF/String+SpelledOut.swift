extension String {
  /// The same in ASCII, so that no two strings look alike: a scalar of any other kind, and the backslash, by its number as in
  /// `\u{E9}`. What is signed is compared by its bytes, and a signer must see where these differ.
  package var spelledOut: String {
    var text = ""
    for scalar in unicodeScalars {
      if 0x20..<0x7F ~= scalar.value, scalar != "\\" {
        text.unicodeScalars.append(scalar)
      } else {
        text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      }
    }
    return text
  }
}
