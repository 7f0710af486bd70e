"""How much stress does the model carry before it breaks its policy?"""
