import { expect, test } from 'vitest';
import { fallBackLines } from '../../src/scoring/fall-back-lines.ts';
import { lex, type LineMemo } from '../../src/scoring/lexer.ts';
import { decode } from '../../src/scoring/source-reader.ts';

const lines = (text: string): string[] => {
  const lexed = lex(text);
  return lexed.ok ? lexed.lines.map(({ tokens }) => tokens.join(' ')) : [lexed.failure.problem];
};

test.each([
  ['a string is one token, whatever is in it', 'x = "a # b" # c', ["x = 'a # b'"]],
  ['an f-string is one token', "f'{a + b}'", ["f'{a + b}'"]],
  ['a prefix is lower-cased without u', `U'a' Rb'b' uR'c'`, ["'a' rb'b' r'c'"]],
  ['three letters are no prefix', `rbf'a'`, [`rbf 'a'`]],
  ['double quotes stay where the body has a quote', `"it's"`, [`"it's"`]],
  ['double quotes stay where the body has a backslash', String.raw`"a\n"`, [String.raw`"a\n"`]],
  ['triple double quotes become single too', '"""a"""', ["'''a'''"]],
  ['an unclosed quote is one character', "x = 'a\ny", ["x = ' a", 'y']],
  ['a backslash continues a string', "'a\\\nb'", ["'a\\\nb'"]],
  ['numbers', '1_0 0xfE 1e-5 .5 1.e+3j 1.5.x', ['1_0 0xfE 1e-5 .5 1.e+3j 1.5.x']],
  ['a minus after an identifier that ends in e is no exponent', '0xe-x', ['0xe - x']],
  ['operators, the longest first', 'a<>b**=c->d:=e...f//g', ['a <> b **= c -> d := e ... f // g']],
  ['letters of any script are words', 'é·日本_1', ['é · 日本_1']],
  ['characters outside the first plane are one token', '😀x', ['😀 x']],
  ['a backslash before a line end is a blank', 'a = \\\n  b', ['a = b']],
  ['a comment ends before a backslash continues it', 'a # \\\nb', ['a', 'b']],
  ['form feed is a blank', '\fa\f=\fb', ['a = b']],
  ['a semicolon at depth 0 ends a line', 'a; b = [c;d]', ['a', 'b = [ c ; d ]']],
  ['a trailing comma of a call is dropped', 'f(a,)', ['f ( a )']],
  ['a trailing comma of a list is dropped', '[a,]', ['[ a ]']],
  ['a one-element tuple keeps its comma', 'x = (a,)', ['x = ( a , )']],
  ['so does one after a keyword', 'return (a,)', ['return ( a , )']],
  ['so does the index of a subscript', 'x[a,]', ['x [ a , ]']],
  ['so does one of a lambda with two parameters', '(lambda a, b: a,)', ['( lambda a , b : a , )']],
  ['what follows a number or ... is no tuple', '.5(a,) ...(a,)', ['.5 ( a ) ... ( a )']],
  ['a tuple of two drops it', '(a, b,)', ['( a , b )']],
  ['brackets join lines', 'f(\n  a,\n  b, # c\n)', ['f ( a , b )']],
  ['an import of several names is a line a name', 'import a.b as c, d', ['import a . b as c', 'import d']],
  [
    'from imports too, parentheses or not',
    'from ..m import (\n  x,\n  y as z,\n)\nfrom m import (w)',
    ['from . . m import x', 'from . . m import y as z', 'from m import w'],
  ],
  ['what only resembles an import stays whole', 'import a b, c', ['import a b , c']],
  ['an open bracket does not lex', 'f(', ['bracket never closed']],
  ['a bracket closed below zero does not lex', 'a)', ['bracket closed but not open']],
  ['an open triple quote does not lex', "'''a", ['triple quote never closed']],
  ['brackets of the wrong kind lex', '(a]', ['( a ]']],
])('%s', (_, text, expected) => {
  expect(lines(text)).toEqual(expected);
});

test('each name of an import has the span of the statement', () => {
  const lexed = lex('\nfrom m import (\n  a,\n  b)\n');
  expect(lexed.ok && lexed.lines.map(({ first, last }) => [first, last])).toEqual([
    [2, 4],
    [2, 4],
  ]);
});

test('a line seen before is the same line, wherever it stands', () => {
  const known: LineMemo = new Map();
  const text = "x = 'a\\\nb'\nif a:\n    f(1)\n\tf(1)\ny = (\n    f(1)\n)\n    f(1)\nx; y";
  const first = lex(text, known);
  expect(known.size).toBeGreaterThan(2);
  expect(lex(text, known)).toEqual(first);
  expect(lex(text)).toEqual(first);
});

test('texts are UTF-8 without mark, else Latin-1, with one line end', () => {
  expect(decode(Buffer.from('\ufeffa\r\nb\rc'))).toBe('a\nb\nc');
  expect(decode(Buffer.from([0x61, 0xe9]))).toBe('aé');
  expect(decode(Buffer.from([0x61, 0]))).toBeNull();
});

test('the fall-back leaves out blank lines and comments, and knows no strings', () => {
  expect(fallBackLines("a = 'b c' # d\n\n  # e\n").map(({ tokens }) => tokens.join(' '))).toEqual([
    "a = ' b c ' # d",
  ]);
});
