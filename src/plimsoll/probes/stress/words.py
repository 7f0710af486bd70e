"""Small tables of English words and of characters, written for this package: what text is changed by."""

from __future__ import annotations

SCANNED = {
    "0": "O", "1": "l", "2": "Z", "5": "S", "6": "b", "8": "B", "9": "g", "O": "0", "l": "1", "I": "l",
    "Z": "2", "S": "5", "B": "8", "b": "6", "g": "9", "m": "rn", "w": "vv", "d": "cl", "e": "c", "c": "e",
    "h": "b", "u": "v", "v": "u", "n": "u", "t": "f", "i": "l", ".": ",", ",": ".",
}  # fmt: skip
"""Characters and what a scanner reads for them."""

CONTRACTED = {
    "can't": "cannot", "won't": "will not", "shan't": "shall not", "don't": "do not",
    "doesn't": "does not", "didn't": "did not", "isn't": "is not", "aren't": "are not",
    "wasn't": "was not", "weren't": "were not", "hasn't": "has not", "haven't": "have not",
    "hadn't": "had not", "wouldn't": "would not", "shouldn't": "should not", "couldn't": "could not",
    "mustn't": "must not", "i'm": "I am", "you're": "you are", "we're": "we are", "they're": "they are",
    "i've": "I have", "you've": "you have", "we've": "we have", "they've": "they have",
    "i'll": "I will", "you'll": "you will", "he'll": "he will", "she'll": "she will",
    "it'll": "it will", "we'll": "we will", "they'll": "they will",
}  # fmt: skip
"""Contractions with one reading only, in small letters, and their long forms."""

GIVEN_NAMES = (
    "Ahmed", "Aisha", "Amina", "Ana", "Anna", "Arjun", "Carlos", "Chen", "Daniel", "David", "Elena",
    "Emma", "Fatima", "Hans", "Ibrahim", "Ingrid", "Ivan", "James", "Jamal", "Jin", "John", "Jorge",
    "Kenji", "Kwame", "Laura", "Lars", "Leila", "Maria", "Mary", "Mei", "Michael", "Mohammed", "Nadia",
    "Olga", "Omar", "Paul", "Peter", "Priya", "Rosa", "Samir", "Sarah", "Sofia", "Thomas", "Wei",
    "Yuki", "Zanele",
)  # fmt: skip
"""Given names from many places, none of which is a common word."""

PLACES = (
    "Accra", "Athens", "Bangkok", "Berlin", "Boston", "Brazil", "Cairo", "Canada", "Chicago", "Chile",
    "Delhi", "Denmark", "Dublin", "Egypt", "France", "Germany", "Ghana", "India", "Italy", "Japan",
    "Kenya", "Lagos", "Lima", "London", "Madrid", "Mexico", "Nairobi", "Nigeria", "Norway", "Oslo",
    "Paris", "Peru", "Poland", "Rome", "Seoul", "Spain", "Sweden", "Tokyo", "Toronto", "Vietnam",
    "Warsaw",
)  # fmt: skip
"""Cities and countries, none of which is a common word."""

SYNONYMS = (
    ("big", "large"), ("small", "little"), ("begin", "start"), ("begins", "starts"), ("began", "started"),
    ("buy", "purchase"), ("bought", "purchased"), ("help", "assist"), ("helped", "assisted"),
    ("fast", "quick"), ("quickly", "rapidly"), ("happy", "glad"), ("sad", "unhappy"),
    ("almost", "nearly"), ("maybe", "perhaps"), ("often", "frequently"),
    ("however", "nevertheless"), ("although", "though"), ("wrong", "incorrect"),
    ("answer", "reply"), ("answered", "replied"), ("error", "mistake"), ("errors", "mistakes"),
    ("film", "movie"), ("films", "movies"), ("job", "position"), ("film-maker", "director"),
    ("great", "wonderful"), ("awful", "terrible"), ("bad", "poor"), ("boring", "dull"),
    ("beautiful", "lovely"), ("funny", "amusing"), ("hard", "difficult"), ("easy", "simple"),
    ("whole", "entire"), ("enough", "sufficient"), ("show", "display"),
    ("shows", "displays"), ("get", "obtain"), ("need", "require"), ("needs", "requires"),
    ("needed", "required"), ("end", "finish"), ("ended", "finished"), ("repair", "fix"),
    ("repaired", "fixed"), ("child", "kid"), ("children", "kids"), ("doctor", "physician"),
    ("company", "firm"), ("companies", "firms"), ("car", "automobile"), ("cars", "automobiles"),
)  # fmt: skip
"""Words that can mostly stand for each other; each is replaced by the other one of its pair."""
