import Glibc

/// Ctrl-C at a question.
public struct Interruption: Error {
  public init() {}
}

/// The person at the terminal.
public enum Terminal {
  /// Asks for a line without showing it. Signals are read as characters meanwhile, so that the echo always comes back.
  ///
  /// - Throws: ``Interruption`` for Ctrl-C.
  public static func secret(_ prompt: String) throws(Interruption) -> [UInt8] {
    var before = termios()
    tcgetattr(STDIN_FILENO, &before)
    var quiet = before
    quiet.c_lflag &= ~tcflag_t(ECHO | ISIG)
    // VEOL: Ctrl-C ends the line, and is its last character.
    quiet.c_cc.11 = 3
    // Before the question is seen, so that nothing of the answer is shown or flushed away.
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
    Output.show(prompt)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
      Output.tell("")
    }
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while Glibc.read(STDIN_FILENO, &byte, 1) == 1, byte != UInt8(ascii: "\n") {
      if byte == 3 { throw Interruption() }
      line.append(byte)
    }
    return line
  }
}
