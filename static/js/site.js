// The list of every script that all pages share. As they are collected they become one.
import "./search.js";
import "./term-cards.js";
import "./later.js";
